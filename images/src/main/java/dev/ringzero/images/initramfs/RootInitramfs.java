package dev.ringzero.images.initramfs;

import dev.ringzero.images.initramfs.DefaultInitramfs.GuestCommand;
import dev.ringzero.images.initramfs.DefaultInitramfs.Share;
import dev.ringzero.images.initramfs.DefaultInitramfs.Terminal;
import dev.ringzero.images.module.KernelModule;
import dev.ringzero.images.program.ReseedProgram;
import java.util.List;
import java.util.Optional;

/**
 * The first file system of a guest whose root is on a disk: it loads modules, mounts the root that
 * the kernel's command line names, and goes there.
 *
 * @param start what is started there
 * @param modules of the kernel, to be loaded in this order
 */
public record RootInitramfs(Start start, List<KernelModule> modules) {

  /** What is started in the root. */
  public sealed interface Start {
    /** The init of the root itself. */
    record Init() implements Start {}

    /**
     * A script of ours, with everything that it needs.
     *
     * @param hostname of the guest
     * @param terminal what {@code TERM} says in the guest, and how large the terminal is
     * @param command what to run instead of a shell
     * @param shares folders of the host, to be mounted
     * @param agent by which the monitor runs commands beside the shell, if it is to
     */
    record Script(
        String hostname,
        Optional<Terminal> terminal,
        Optional<GuestCommand> command,
        List<Share> shares,
        Optional<AgentFiles> agent)
        implements Start {}
  }

  /** Commands of the script; without {@code /proc} busybox does not find them in itself. */
  private static final List<String> COMMANDS =
      List.of(
          "sh",
          "mount",
          "insmod",
          "rm",
          "cat",
          "findfs",
          "sleep",
          "mkdir",
          "cp",
          "ln",
          "switch_root",
          "poweroff");

  private static final String[] DIRECTORIES = {"bin", "dev", "proc", "rz", "sys"};

  /** The archive, ready for the boot loader. */
  public byte[] build(byte[] busybox) {
    CpioWriter cpio = new CpioWriter();
    for (String directory : DIRECTORIES) {
      cpio.directory(directory, 0755);
    }
    cpio.characterDevice("dev/console", 0600, 5, 1)
        .file("bin/busybox", 0755, busybox)
        .file("init", 0755, Scripts.text("root-init.sh"));
    COMMANDS.forEach(command -> cpio.link("bin/" + command, "busybox"));
    Scripts.addModules(cpio, modules);
    if (start instanceof Start.Script script) {
      cpio.file("rz/own", 0644, "")
          .file("rz/start", 0755, Scripts.text("root-start.sh"))
          .file("rz/links", 0644, Scripts.text("links.sh"))
          .file("rz/network", 0644, Scripts.text("network.sh"))
          .file("rz/exec", 0644, Scripts.text("exec.sh"))
          .file("rz/put", 0644, Scripts.text("put.sh"))
          .file("rz/forked", 0644, Scripts.text("forked.sh"))
          .file("rz/reseed", 0755, ReseedProgram.file())
          .file("rz/dhcp", 0755, Scripts.text("root-dhcp.sh"))
          .file("rz/hostname", 0644, script.hostname() + "\n");
      Scripts.addShares(cpio, script.shares());
      script.agent().ifPresent(files -> files.addTo(cpio));
      script.terminal().ifPresent(shape -> cpio.file("rz/terminal", 0644, shape.lines()));
      script
          .command()
          .ifPresent(
              run -> cpio.file("rz/command", 0755, run.script()).file("rz/mark", 0600, run.mark()));
    }
    return cpio.finish();
  }
}
