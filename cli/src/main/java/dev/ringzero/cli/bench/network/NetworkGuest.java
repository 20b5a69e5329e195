package dev.ringzero.cli.bench.network;

import dev.ringzero.cli.bench.guest.GuestImage;
import dev.ringzero.cli.bench.subject.Guest;
import dev.ringzero.images.DebianKernel;
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

/** The guest of the other programs, with what it needs for two network cards. */
final class NetworkGuest {
  private NetworkGuest() {}

  /** Writes the first file system into a folder, and tells how to boot it. */
  static Guest prepare(Path folder, int hostPort, ImageCache cache, Progress progress)
      throws IOException {
    Guest plain = GuestImage.prepare(cache, progress).guest();
    List<String> modules = List.of("virtio_pci", "virtio_net");
    return prepare(plain, DebianKernel.CLOUD, modules, folder, hostPort, cache, progress);
  }

  /** The same with the kernel that drives Intel's card too. */
  static Guest prepareForIntel(Path folder, int hostPort, ImageCache cache, Progress progress)
      throws IOException {
    Guest plain = GuestImage.prepare(cache, progress).guest();
    Path kernel = DefaultGuest.kernel(DebianKernel.GENERAL, cache, progress);
    Guest general =
        new Guest(
            kernel, kernel, plain.initrd(), plain.memoryMebibytes(), plain.cpus(), plain.append());
    List<String> modules = List.of("virtio_pci", "virtio_net", "igbvf");
    return prepare(general, DebianKernel.GENERAL, modules, folder, hostPort, cache, progress);
  }

  private static Guest prepare(
      Guest plain,
      DebianKernel kernel,
      List<String> modules,
      Path folder,
      int hostPort,
      ImageCache cache,
      Progress progress)
      throws IOException {
    Path initrd = folder.resolve("initrd-" + kernel);
    try (OutputStream out = Files.newOutputStream(initrd)) {
      Files.copy(plain.initrd(), out);
      out.write(additions(hostPort, kernel, modules, cache, progress));
    }
    return new Guest(
        plain.kernel(),
        plain.elfKernel(),
        initrd,
        plain.memoryMebibytes(),
        plain.cpus(),
        plain.append());
  }

  private static byte[] additions(
      int hostPort, DebianKernel kernel, List<String> names, ImageCache cache, Progress progress)
      throws IOException {
    CpioWriter cpio = new CpioWriter();
    String common = resource("common.sh");
    for (NetworkProgram program : NetworkProgram.ALL) {
      add(cpio, program.program().name(), program.script(common, hostPort));
    }
    add(cpio, NetworkProgram.SERVE, NetworkProgram.serveScript(common));
    cpio.file("bench/sources/net.c", 0644, resource("net.c"));
    cpio.directory("bench/modules", 0755);
    List<KernelModule> modules;
    try (ModuleArchive archive = new ModuleArchive(DefaultGuest.modules(kernel, cache, progress))) {
      modules = archive.closure(names);
    }
    for (int i = 0; i < modules.size(); i++) {
      KernelModule module = modules.get(i);
      cpio.file("bench/modules/%03d-%s.ko".formatted(i, module.name()), 0644, module.file());
    }
    return cpio.finish();
  }

  private static void add(CpioWriter cpio, String name, String script) {
    cpio.file("bench/programs/" + name + ".sh", 0644, script);
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = NetworkGuest.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new FileNotFoundException("no resource " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
