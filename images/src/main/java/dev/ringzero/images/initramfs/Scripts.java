package dev.ringzero.images.initramfs;

import dev.ringzero.images.initramfs.DefaultInitramfs.Share;
import dev.ringzero.images.module.KernelModule;
import dev.ringzero.images.module.ModuleLibrary;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;

/** What first file systems of ours are put together from. */
final class Scripts {
  private Scripts() {}

  static String text(String name) {
    try (InputStream in = Scripts.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The scripts load them in the order of their file names. */
  static void addModules(CpioWriter cpio, List<KernelModule> modules) {
    cpio.directory("rz/modules", 0755);
    for (int i = 0; i < modules.size(); i++) {
      KernelModule module = modules.get(i);
      cpio.file("rz/modules/%03d-%s.ko".formatted(i, module.name()), 0644, module.file());
    }
  }

  /** For {@code modprobe}. */
  static void addLibrary(CpioWriter cpio, ModuleLibrary library) {
    if (library.modules().isEmpty()) {
      return;
    }
    String directory = library.directory();
    cpio.directory("lib", 0755).directory("lib/modules", 0755).directory(directory, 0755);
    cpio.file(directory + "/modules.dep", 0644, library.dependencies());
    for (KernelModule module : library.modules()) {
      cpio.file(directory + "/" + ModuleLibrary.file(module.name()), 0644, module.file());
    }
  }

  static void addShares(CpioWriter cpio, List<Share> shares) {
    if (!shares.isEmpty()) {
      cpio.file("rz/shares", 0644, shares.stream().map(Share::line).collect(Collectors.joining()));
    }
  }
}
