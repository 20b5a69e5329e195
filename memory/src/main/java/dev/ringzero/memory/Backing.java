package dev.ringzero.memory;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Where the pool of machine memory comes from: a sparse, already deleted file on the host's memory
 * file system, which needs no native access and costs memory only where it is touched.
 */
final class Backing {
  /** System property: size of the pool in bytes. The default is three quarters of the host's memory. */
  private static final String SIZE = "ringzero.host-memory";

  private static final Path SHARED_MEMORY = Path.of("/dev/shm");

  private Backing() {}

  static MemorySegment map() {
    try {
      Path directory =
          Files.isWritable(SHARED_MEMORY)
              ? SHARED_MEMORY
              : Path.of(System.getProperty("java.io.tmpdir"));
      Path file = Files.createTempFile(directory, "ringzero-", ".memory");
      try (FileChannel channel =
          FileChannel.open(
              file,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE,
              StandardOpenOption.DELETE_ON_CLOSE)) {
        return channel.map(MapMode.READ_WRITE, 0, sizeBytes(directory), Arena.global());
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot map machine memory", e);
    }
  }

  private static long sizeBytes(Path directory) throws IOException {
    Long asked = Long.getLong(SIZE);
    long size = asked != null ? asked : Files.getFileStore(directory).getTotalSpace();
    return size & -0x20_0000L;
  }
}
