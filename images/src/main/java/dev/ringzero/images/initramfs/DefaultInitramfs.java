package dev.ringzero.images.initramfs;

import dev.ringzero.images.module.KernelModule;
import dev.ringzero.images.module.ModuleLibrary;
import dev.ringzero.images.program.ReseedProgram;
import java.util.List;
import java.util.Optional;

/**
 * The first file system of the default guest: busybox, a few scripts for its {@code init}, and what
 * this run asks for. It is built anew for each run, in memory.
 *
 * @param hostname of the guest
 * @param terminal what {@code TERM} says in the guest, and how large the terminal is
 * @param command what to run instead of a shell
 * @param modules of the kernel, to be loaded in this order
 * @param shares folders of the host, to be mounted
 * @param library modules of the kernel that {@code modprobe} finds
 * @param agent by which the monitor runs commands beside the shell, if it is to
 */
public record DefaultInitramfs(
    String hostname,
    Optional<Terminal> terminal,
    Optional<GuestCommand> command,
    List<KernelModule> modules,
    List<Share> shares,
    ModuleLibrary library,
    Optional<AgentFiles> agent) {

  /** A file system without modules and shares. */
  public DefaultInitramfs(
      String hostname, Optional<Terminal> terminal, Optional<GuestCommand> command) {
    this(hostname, terminal, command, List.of(), List.of());
  }

  /** A file system without modules to load later. */
  public DefaultInitramfs(
      String hostname,
      Optional<Terminal> terminal,
      Optional<GuestCommand> command,
      List<KernelModule> modules,
      List<Share> shares) {
    this(hostname, terminal, command, modules, shares, ModuleLibrary.NONE, Optional.empty());
  }

  private static final String[] DIRECTORIES = {
    "bin", "dev", "etc", "proc", "root", "run", "rz", "sbin", "sys", "tmp", "usr", "var"
  };

  /** The archive, ready for the boot loader. */
  public byte[] build(byte[] busybox) {
    CpioWriter cpio = files(busybox);
    cpio.file("rz/main", 0755, Scripts.text(command.isPresent() ? "command.sh" : "shell.sh"));
    return cpio.finish();
  }

  /**
   * The archive of a guest that boots and then waits for what the monitor says on its line: its
   * hostname, its terminal, what to run.
   */
  public static byte[] waiting(byte[] busybox, AgentFiles agent) {
    DefaultInitramfs nobodys =
        new DefaultInitramfs(
            "guest",
            Optional.empty(),
            Optional.empty(),
            List.of(),
            List.of(),
            ModuleLibrary.NONE,
            Optional.of(agent));
    return nobodys
        .files(busybox)
        .file("rz/main", 0755, Scripts.text("waiting.sh"))
        .file("rz/shell", 0755, Scripts.text("shell.sh"))
        .file("rz/run", 0755, Scripts.text("command.sh"))
        .finish();
  }

  private CpioWriter files(byte[] busybox) {
    CpioWriter cpio = new CpioWriter();
    for (String directory : DIRECTORIES) {
      cpio.directory(directory, directory.equals("tmp") ? 01777 : 0755);
    }
    cpio.characterDevice("dev/console", 0600, 5, 1)
        .file("bin/busybox", 0755, busybox)
        .link("bin/sh", "busybox")
        .link("usr/bin", "../bin")
        .link("usr/sbin", "../sbin")
        .link("var/run", "../run")
        .link("init", "bin/busybox")
        .file("etc/inittab", 0644, "::sysinit:/rz/start\n::once:/rz/main\n")
        .file("rz/start", 0755, Scripts.text("start.sh"))
        .file("rz/links", 0644, Scripts.text("links.sh"))
        .file("rz/network", 0644, Scripts.text("network.sh"))
        .file("rz/exec", 0644, Scripts.text("exec.sh"))
        .file("rz/put", 0644, Scripts.text("put.sh"))
        .file("rz/forked", 0644, Scripts.text("forked.sh"))
        .file("rz/reseed", 0755, ReseedProgram.file())
        .file("rz/dhcp", 0755, Scripts.text("dhcp.sh"))
        .file("etc/profile", 0644, Scripts.text("profile.sh"))
        .file("etc/passwd", 0644, "root:x:0:0:root:/root:/bin/sh\n")
        .file("etc/group", 0644, "root:x:0:\n")
        .file("etc/hostname", 0644, hostname + "\n")
        .file("etc/hosts", 0644, "127.0.0.1 localhost " + hostname + "\n");
    Scripts.addModules(cpio, modules);
    Scripts.addLibrary(cpio, library);
    Scripts.addShares(cpio, shares);
    agent.ifPresent(files -> files.addTo(cpio));
    terminal.ifPresent(shape -> cpio.file("rz/terminal", 0644, shape.lines()));
    command.ifPresent(
        run -> cpio.file("rz/command", 0755, run.script()).file("rz/mark", 0600, run.mark()));
    return cpio;
  }

  /**
   * A folder of the host.
   *
   * @param tag of the virtio file system
   * @param path where it is mounted
   */
  public record Share(String tag, String path, boolean readOnly) {
    String line() {
      return tag + " " + (readOnly ? "ro" : "rw") + " " + path + "\n";
    }
  }

  /** The terminal at which the user sits. */
  public record Terminal(String type, int rows, int columns) {
    /** The type, as a guest may have it. */
    public String plainType() {
      return type.replaceAll("[^A-Za-z0-9.+-]", "");
    }

    String lines() {
      return plainType() + "\n" + rows + " " + columns + "\n";
    }
  }

  /**
   * What to run in place of a shell. Its output goes to the second serial port; a line of {@code
   * mark} and the exit status in decimal follows it there.
   *
   * @param script for {@code sh}
   * @param mark a word that nobody can guess
   */
  public record GuestCommand(String script, String mark) {}
}
