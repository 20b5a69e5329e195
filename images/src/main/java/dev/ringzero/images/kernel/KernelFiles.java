package dev.ringzero.images.kernel;

import dev.ringzero.images.ImageCache;
import dev.ringzero.images.ImageException;
import dev.ringzero.images.Progress;
import java.io.ByteArrayInputStream;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.CRC32;

/** Opens kernel files. A compressed kernel is unpacked once and then kept in the cache. */
public final class KernelFiles {
  private static final int CHECKSUM_BYTES = 4;
  private static final int LARGEST_UNPACKED_BYTES = 256 << 20;

  private final ImageCache cache;
  private final Progress progress;

  public KernelFiles(ImageCache cache, Progress progress) {
    this.cache = cache;
    this.progress = progress;
  }

  /**
   * Opens a bzImage, a multiboot kernel or an ELF kernel; the latter two may be compressed.
   *
   * @return a {@link BzImage} only where its own code alone can unpack it
   */
  public Kernel open(Path path) {
    try {
      return recognise(path);
    } catch (MalformedKernelException e) {
      throw new ImageException(path + " " + e.getMessage(), e);
    } catch (IOException e) {
      throw new ImageException("cannot read kernel " + path + ": " + reason(e), e);
    }
  }

  /** The unpacked form of a compressed kernel as a file, if we can unpack it. */
  public Optional<Path> unpacked(Path path) {
    open(path);
    try {
      byte[] prefix = prefix(path);
      if (!SetupHeader.begins(prefix)) {
        return Optional.empty();
      }
      BzImage image = new BzImage(new SetupHeader(prefix), map(path));
      return Optional.of(cache.path(name(image))).filter(Files::isRegularFile);
    } catch (IOException e) {
      throw new ImageException("cannot read kernel " + path + ": " + reason(e), e);
    }
  }

  private static String name(BzImage image) {
    return "kernels/" + image.fingerprint() + ".vmlinux";
  }

  private static String reason(IOException e) {
    return switch (e) {
      case NoSuchFileException missing -> "no such file";
      case AccessDeniedException denied -> "permission denied";
      default -> e.getMessage();
    };
  }

  private Kernel recognise(Path path) throws IOException {
    if (Files.isDirectory(path)) {
      throw new MalformedKernelException("is a directory, not a kernel");
    }
    byte[] prefix = prefix(path);
    if (SetupHeader.begins(prefix)) {
      return unpacked(path, new BzImage(supported(new SetupHeader(prefix)), map(path)));
    }
    byte[] file = plain(Files.readAllBytes(path));
    Optional<MultibootKernel> multiboot = MultibootParser.parse(file);
    if (multiboot.isPresent()) {
      return multiboot.get();
    }
    if (ElfParser.begins(file)) {
      return ElfParser.parse(file, Optional.empty());
    }
    throw new MalformedKernelException(
        "is not a kernel: neither a bzImage nor a multiboot kernel nor an ELF file");
  }

  private static byte[] plain(byte[] file) throws IOException {
    if (Compression.of(file).filter(Compression.GZIP::equals).isEmpty()) {
      return file;
    }
    try (InputStream in = Compression.GZIP.open(new ByteArrayInputStream(file))) {
      byte[] unpacked = in.readNBytes(LARGEST_UNPACKED_BYTES + 1);
      if (unpacked.length > LARGEST_UNPACKED_BYTES) {
        throw new MalformedKernelException("unpacks to more than a kernel can have");
      }
      return unpacked;
    }
  }

  private static SetupHeader supported(SetupHeader header) {
    if (header.version() < SetupHeader.OLDEST_VERSION) {
      throw new MalformedKernelException("is a kernel too old to boot (before Linux 2.6.31)");
    }
    return header;
  }

  private Kernel unpacked(Path path, BzImage image) throws IOException {
    String name = name(image);
    Optional<byte[]> kept = kept(cache.path(name));
    if (kept.isPresent()) {
      return parsed(kept.get(), image.header());
    }
    progress.at("unpacking " + path.getFileName());
    Optional<byte[]> unpacked = image.unpack();
    if (unpacked.isEmpty()) {
      return image;
    }
    ElfKernel kernel = parsed(unpacked.get(), image.header());
    keep(name, unpacked.get());
    return kernel;
  }

  private static ElfKernel parsed(byte[] file, SetupHeader header) {
    return header.has64BitEntry()
        ? ElfParser.parse(file, Optional.of(header))
        : ElfSegments.of(file).kernel(header, file);
  }

  private void keep(String name, byte[] unpacked) {
    byte[] checksum = checksum(unpacked);
    cache.place(
        name,
        out -> {
          out.write(unpacked);
          out.write(checksum);
        });
  }

  private static Optional<byte[]> kept(Path path) throws IOException {
    if (!Files.isRegularFile(path)) {
      return Optional.empty();
    }
    // Not a channel's stream: that reads all of it into native memory first.
    try (InputStream in = new FileInputStream(path.toFile())) {
      byte[] unpacked = new byte[(int) Math.max(0, Files.size(path) - CHECKSUM_BYTES)];
      in.readNBytes(unpacked, 0, unpacked.length);
      boolean whole = Arrays.equals(checksum(unpacked), in.readNBytes(CHECKSUM_BYTES));
      return whole ? Optional.of(unpacked) : Optional.empty();
    }
  }

  private static byte[] checksum(byte[] data) {
    CRC32 crc = new CRC32();
    crc.update(data);
    return ByteBuffer.allocate(CHECKSUM_BYTES)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt((int) crc.getValue())
        .array();
  }

  private static byte[] prefix(Path path) throws IOException {
    try (InputStream in = Files.newInputStream(path)) {
      return in.readNBytes(SetupHeader.PREFIX_BYTES);
    }
  }

  private static ByteBuffer map(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path)) {
      return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size());
    }
  }
}
