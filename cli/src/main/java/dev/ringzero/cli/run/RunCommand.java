package dev.ringzero.cli.run;

import dev.ringzero.cli.command.Command;
import dev.ringzero.cli.command.OptionTable;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Options;

/** {@code rz run}. */
public final class RunCommand implements Command {
  @Override
  public String name() {
    return "run";
  }

  @Override
  public String summary() {
    return "boot a guest; Debian's kernel and a shell, unless told otherwise";
  }

  @Override
  public Options options() {
    return new OptionTable()
        .value("kernel", "FILE", "a bzImage, ELF or multiboot kernel")
        .value("initrd", "FILE", "the kernel's first file system")
        .value("module", "FILE [WORDS]", "a multiboot kernel's further file; several times")
        .value("append", "TEXT", "further words for the kernel's command line")
        .value("memory", "SIZE", "memory of the guest, such as 1G (512M)")
        .value("host-memory", "SIZE", "of this host's memory, for guests (what is free, less 3 %)")
        .value("cpus", "N", "processors of the guest (1)")
        .value("image", "IMAGE[,persistent]", "the root, as rz image build made it; see below")
        .value("disk", "FILE[,OPTION]...", "a disk, raw or qcow2; several times for several")
        .value("net", "KIND[,...]", "nat, switch=NAME, cable=NAME, tap=NAME or none (none)")
        .value("publish", "HOST:GUEST", "lead a port of 127.0.0.1 into the guest, with --net nat")
        .flag("allow-host", "let the guest reach this host, at 10.0.2.2")
        .value(
            "share", "HOST:GUEST[,ro]", "mount a folder of this host in the guest; several times")
        .value("vsock", "PATH[,cid=N]", "sockets between programs of guest and host")
        .value("engine", "auto|kvm|software", "who runs the guest; KVM where it works (auto)")
        .value("translator", "on|off", "ordinary instructions run on the host's CPU (on)")
        .value(
            "memory-virtualization",
            "ept|shadow|direct|bare",
            "how guest addresses become machine ones (ept)")
        .flag("check-translations", "compare the TLBs with the page tables at random moments")
        .value(
            "device", "KIND", "NIC:vfN, NIC:pf, pci=0000:03:00.0, debug-exit or testdev; see below")
        .value(
            "cpu", "MODEL", "which processor: ringzero-v1, intel or amd (ringzero-v1); see below")
        .value("iommu", "vtd", "devices reach memory through an IOMMU that the guest can use")
        .value("cpu-weight", "N", "its part of busy processors, 1 to 10000 (100)")
        .value("cpu-cap", "PERCENT", "the most it may have, in percent of one processor")
        .value("cpu-pin", "LIST", "processors of this host it may use, such as 0,2-3 (all)")
        .value("exec", "COMMAND", "run this, print, power off, end with its status")
        .flag("warm", "the default guest from a snapshot of its first boot; see below")
        .value("name", "NAME", "name for ps, attach and the like (vm1, vm2, ...)")
        .value("host", "NAME", "let it run in a process with others; see rz help host")
        .flag("detach", "let it run in the background")
        .value("timeout", "TIME", "stop the guest after a time, such as 60s")
        .value("console", "KIND", "serial or virtio, a terminal that knows its size (serial)")
        .value("serial", "FILE|SOCKET", "console to a file, or at a socket that ends in .sock")
        .flag("stats", "show on exit what the machine has done")
        .flag("json", "the same, as one JSON object")
        .value("stats-between", "BEGIN,END", "with --json, also when the guest writes these words")
        .value("trace", "WHAT", "exits, interrupts or instructions[:FIRST-LAST], to stderr")
        .value("gdb", "PORT", "serve gdb: target remote :PORT")
        .options();
  }

  @Override
  public String notes() {
    return """

      An image stays as it is: what the guest changes is thrown away at the end, or with
      ,persistent kept for the next such run. --append root=/dev/vda boots a --disk's own init.
      A guest takes machine memory as it uses its own. It may be promised more than --host-memory,
      and ends (status 84) if it uses more.
      A disk's options: ro, format=raw|qcow2, cache=writeback|writethrough|unsafe, queues=N,
      serial=TEXT, backing=folder|allow|deny (which files a qcow2 image may be an overlay of).
      --net may be given several times, for cards eth0, eth1, ...:
        nat            a network behind the host's own sockets; no root
        switch=NAME    a switch of yours, started where it does not run; see rz help switch
        cable=NAME     a cable to another card in the same --host that names it
    bridge=NAME    a switch for all cards in the same --host that name it
        tap=NAME       a TAP interface of this host
      each with ,mac=52:5a:... ,mtu=9000 ,queues=N ,vfs=N (SR-IOV) ,model=82576 (an Intel card for
      igb and igbvf, with Debian's kernel that has them) or virtio, ,ip=10.0.0.1/24 (or dhcp, none;
      in the default guest), and a switch with ,vlan=10 or ,trunk=10+20-29 or ,trunk=all.
      A multiboot kernel (Xen, or one of yours) gets --initrd and each --module as its modules, and
      no first file system of ours; its command line is its file's name and what --append says.
      --device NIC:vf0 is a function of a card of rz nic, with ,ip= as a --net; pci= a device of this
      host that vfio-pci has, on --engine kvm (see docs/guide/sriov.md).
      --device debug-exit: what the guest writes to I/O port 0xf4, or PORT, ends it with exit status
      VALUE * 2 + 1, as QEMU's isa-debug-exit; testdev: interrupts to raise, as QEMU's pc-testdev.
      --cpu intel has VT-x and --cpu amd has AMD-V, so that the guest can run guests itself; features
      behind it, such as --cpu amd,-x2apic,-npt, are left out, together with what needs them;
      ,+pku and ,+pks add protection keys.
      --translator compare runs samples of the guest's code on the interpreter too and stops at the
      first difference: to find a fault of the translator. --check-translations compares what the
      processors' TLBs hold with a slow walk of all tables, and stops at what is wrong.

      What the first run of a kernel translates is kept in ~/.cache/ringzero/translations, some 60 MB
      for each of the last three, and makes later boots quicker; deleting it does no harm.
      --warm takes a snapshot when the default guest has booted, and starts from it whenever kernel,
      first file system, memory, processors and RingZero are the same: time, random numbers and name
      are new, but the kernel lies at the same addresses each time. rm ~/.cache/ringzero/warm/* drops
      all.

      Keys: Ctrl-A x stops the guest, Ctrl-A h shows the keys.
      Exit status: 0 powered off, 1 RingZero failed, 2 wrong input, 80 reset, 81 kernel panic,
      82 triple fault, 83 stopped by the user, 84 no machine memory left, 124 timeout; with --exec that of the
      command, with --device debug-exit what the guest wrote.
    """;
  }

  @Override
  public int run(CommandLine line) throws Exception {
    RunOptions options = RunOptions.of(line);
    if (options.host().isPresent()) {
      return HostClient.run(line, options);
    }
    return options.detached() ? Detached.start(options) : new Run(options, new OwnProcess()).call();
  }
}
