package dev.ringzero.cli.bench.subject;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * QEMU at its best: the largest processor model, and a thread for each processor.
 *
 * @param version such as 7.2.22
 */
public record Qemu(String version, Accelerator accelerator, KernelForm form) implements Subject {
  static final String PROGRAM = "qemu-system-x86_64";

  /** What runs the guest's instructions. */
  public enum Accelerator {
    TCG("tcg,thread=multi", "max"),
    KVM("kvm", "host");

    private final String option;
    private final String processor;

    Accelerator(String option, String processor) {
      this.option = option;
      this.processor = processor;
    }
  }

  /** In which form the kernel is given. */
  public enum KernelForm {
    BZIMAGE,
    /** Unpacked, entered over PVH. */
    PVH
  }

  /** The version that is installed. */
  static String installedVersion() throws IOException {
    Process process = new ProcessBuilder(PROGRAM, "--version").redirectErrorStream(true).start();
    String[] words =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).split("\\s+");
    return words.length > 3 ? words[3] : "of unknown version";
  }

  /** The same with the other form of the kernel. */
  public Qemu with(KernelForm other) {
    return new Qemu(version, accelerator, other);
  }

  @Override
  public String key() {
    return "qemu-" + accelerator.name().toLowerCase(java.util.Locale.ROOT);
  }

  @Override
  public String name() {
    return "QEMU " + version + " " + accelerator;
  }

  @Override
  public String how() {
    return "-accel "
        + accelerator.option
        + " -cpu "
        + accelerator.processor
        + "; boot: the better of bzImage and PVH, programs: PVH";
  }

  @Override
  public List<String> command(Guest guest) {
    List<String> command = new ArrayList<>(List.of(PROGRAM));
    command.addAll(List.of("-accel", accelerator.option, "-cpu", accelerator.processor));
    command.addAll(List.of("-m", Integer.toString(guest.memoryMebibytes())));
    command.addAll(List.of("-smp", Integer.toString(guest.cpus())));
    command.addAll(List.of("-nodefaults", "-no-reboot", "-display", "none", "-serial", "stdio"));
    command.addAll(List.of("-kernel", kernel(guest), "-initrd", guest.initrd().toString()));
    command.addAll(List.of("-append", guest.commandLine()));
    return command;
  }

  private String kernel(Guest guest) {
    return switch (form) {
      case BZIMAGE -> guest.kernel().toString();
      case PVH -> guest.elfKernel().toString();
    };
  }
}
