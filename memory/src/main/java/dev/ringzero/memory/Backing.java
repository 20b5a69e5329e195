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
 * Where the pool of machine memory comes from: address space that costs memory only where it is
 * touched. Where the JVM may call native code it is anonymous memory with huge pages advised; else
 * a sparse, already deleted file on the host's memory file system.
 *
 * @param pool the whole address space
 * @param limitBytes how much of it the host can give now
 * @param discards whether {@link #discard} gives memory back to the host
 */
record Backing(MemorySegment pool, long limitBytes, boolean discards) {
  /** System property: size of the pool in bytes. The default is the host's memory. */
  private static final String SIZE = "ringzero.host-memory";

  private static final Path SHARED_MEMORY = Path.of("/dev/shm");
  private static final long ALIGNMENT = 2L << 20;

  static Backing map() {
    return HostCalls.areAllowed() ? mapAnonymous() : mapFile();
  }

  private static Backing mapAnonymous() {
    MemorySegment pool = HostCalls.reserve(sizeBytes(), ALIGNMENT);
    HostCalls.adviseHugePages(pool);
    return new Backing(pool, HostMemory.limitBytes(HostMemory.availableBytes()), true);
  }

  /**
   * Gives a part of the pool back to the host.
   *
   * @return whether that was possible; then the part is zero
   */
  boolean discard(long hpa, long lengthBytes) {
    return discards && HostCalls.discard(pool.asSlice(hpa, lengthBytes));
  }

  /**
   * Puts a part of a file in the place of a part of the pool, to be copied page by page where it is
   * written.
   *
   * @return whether that was possible
   */
  boolean mapPrivately(long hpa, long lengthBytes, Path file, long offset) {
    return discards && HostCalls.mapPrivately(pool.asSlice(hpa, lengthBytes), file, offset);
  }

  /** Undoes {@link #mapPrivately}: the part is then zero. */
  boolean unmap(long hpa, long lengthBytes) {
    MemorySegment part = pool.asSlice(hpa, lengthBytes);
    if (!discards || !HostCalls.mapAnonymously(part)) {
      return false;
    }
    HostCalls.adviseHugePages(part);
    return true;
  }

  private static Backing mapFile() {
    try {
      Path directory =
          Files.isWritable(SHARED_MEMORY)
              ? SHARED_MEMORY
              : Path.of(System.getProperty("java.io.tmpdir"));
      long usable = Files.getFileStore(directory).getUsableSpace();
      long limit = HostMemory.limitBytes(Math.min(usable, HostMemory.availableBytes()));
      Path file = Files.createTempFile(directory, "ringzero-", ".memory");
      try (FileChannel channel =
          FileChannel.open(
              file,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE,
              StandardOpenOption.DELETE_ON_CLOSE)) {
        return new Backing(
            channel.map(MapMode.READ_WRITE, 0, sizeBytes(), Arena.global()), limit, false);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot map machine memory", e);
    }
  }

  private static long sizeBytes() {
    return Long.getLong(SIZE, HostMemory.totalBytes()) & -ALIGNMENT;
  }
}
