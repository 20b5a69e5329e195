package dev.ringzero.cli.bench.nested;

import dev.ringzero.cli.bench.guest.GuestImage;
import dev.ringzero.cli.bench.subject.Guest;
import dev.ringzero.images.DefaultGuest;
import dev.ringzero.images.ImageCache;
import dev.ringzero.images.Progress;
import dev.ringzero.images.initramfs.CpioWriter;
import dev.ringzero.images.module.KernelModule;
import dev.ringzero.images.module.ModuleArchive;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The guest of the other programs, with KVM, a monitor, and a Linux to run in it. */
final class NestedGuest {
  private static final String HERE = "bench/nested/";

  private NestedGuest() {}

  /**
   * Writes the first file system into a folder, and tells how to boot it.
   *
   * @param module KVM's for the vendor
   */
  static Guest prepare(Path folder, String module, ImageCache cache, Progress progress)
      throws IOException {
    Guest plain = GuestImage.prepare(cache, progress).guest();
    Path initrd = folder.resolve("initrd-" + module);
    try (OutputStream out = Files.newOutputStream(initrd)) {
      Files.copy(plain.initrd(), out);
      out.write(additions(plain, module, cache, progress));
    }
    return new Guest(
        plain.kernel(),
        plain.elfKernel(),
        initrd,
        plain.memoryMebibytes(),
        plain.cpus(),
        plain.append());
  }

  private static byte[] additions(Guest plain, String module, ImageCache cache, Progress progress)
      throws IOException {
    CpioWriter cpio = new CpioWriter();
    String common = resource("common.sh");
    for (NestedProgram program : NestedProgram.ALL) {
      String file = "bench/programs/" + program.program().name() + ".sh";
      cpio.file(file, 0644, common + "\n" + program.script());
    }
    cpio.directory(HERE, 0755);
    cpio.file(HERE + "nested.c", 0644, resource("nested.c"));
    cpio.file(HERE + "work.sh", 0644, resource("work.sh"));
    cpio.file(HERE + "vmlinuz", 0644, Files.readAllBytes(plain.kernel()));
    cpio.file(HERE + "initrd", 0644, inner(cache, progress));
    cpio.directory("bench/modules", 0755);
    List<KernelModule> modules;
    try (ModuleArchive archive = new ModuleArchive(DefaultGuest.modules(cache, progress))) {
      modules = archive.closure(List.of(module));
    }
    for (int i = 0; i < modules.size(); i++) {
      KernelModule one = modules.get(i);
      cpio.file("bench/modules/%03d-%s.ko".formatted(i, one.name()), 0644, one.file());
    }
    return cpio.finish();
  }

  /** The inner guest's first file system. */
  private static byte[] inner(ImageCache cache, Progress progress) throws IOException {
    CpioWriter cpio = new CpioWriter();
    for (String directory : List.of("bin", "dev", "tmp")) {
      cpio.directory(directory, 0755);
    }
    cpio.file("bin/busybox", 0755, Files.readAllBytes(DefaultGuest.busybox(cache, progress)));
    cpio.file("init", 0755, resource("init.sh"));
    cpio.file("work.sh", 0644, resource("work.sh"));
    return cpio.finish();
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = NestedGuest.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new FileNotFoundException("no resource " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
