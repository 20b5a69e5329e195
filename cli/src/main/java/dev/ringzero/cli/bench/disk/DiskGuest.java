package dev.ringzero.cli.bench.disk;

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
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/** The guest of the other programs, with what it needs for a disk behind its first file system. */
final class DiskGuest {
  private static final int DISK_BYTES = 256 << 20;
  private static final int BLOCK_BYTES = 4096;
  private static final int CHUNK_BYTES = 1 << 20;

  private DiskGuest() {}

  /** Writes the first file system into a folder, and tells how to boot it. */
  static Guest prepare(Path folder, ImageCache cache, Progress progress) throws IOException {
    Guest plain = GuestImage.prepare(cache, progress).guest();
    Path initrd = folder.resolve("initrd");
    try (OutputStream out = Files.newOutputStream(initrd)) {
      Files.copy(plain.initrd(), out);
      out.write(additions(cache, progress));
    }
    return new Guest(
        plain.kernel(),
        plain.elfKernel(),
        initrd,
        plain.memoryMebibytes(),
        plain.cpus(),
        plain.append());
  }

  private static byte[] additions(ImageCache cache, Progress progress) throws IOException {
    CpioWriter cpio = new CpioWriter();
    String common = resource("common.sh");
    for (DiskProgram program : DiskProgram.ALL) {
      String file = "bench/programs/" + program.program().name() + ".sh";
      cpio.file(file, 0644, program.script(common));
    }
    cpio.file("bench/sources/disk.c", 0644, resource("disk.c"));
    cpio.directory("bench/modules", 0755);
    List<KernelModule> modules;
    try (ModuleArchive archive = new ModuleArchive(DefaultGuest.modules(cache, progress))) {
      modules = archive.closure(List.of("virtio_pci", "virtio_blk"));
    }
    for (int i = 0; i < modules.size(); i++) {
      KernelModule module = modules.get(i);
      cpio.file("bench/modules/%03d-%s.ko".formatted(i, module.name()), 0644, module.file());
    }
    return cpio.finish();
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = DiskGuest.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new FileNotFoundException("no resource " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** Writes a disk each of whose blocks is filled with its number. */
  static void writeDisk(Path file) throws IOException {
    ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      for (long at = 0; at < DISK_BYTES; at += CHUNK_BYTES) {
        for (int i = 0; i < CHUNK_BYTES; i += Long.BYTES) {
          chunk.putLong(i, (at + i) / BLOCK_BYTES);
        }
        channel.write(chunk.clear(), at);
      }
    }
  }
}
