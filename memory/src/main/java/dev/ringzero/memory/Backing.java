package dev.ringzero.memory;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Where the pool of machine memory comes from: address space that costs memory only where it is
 * touched. Where the JVM may call native code it is anonymous memory with huge pages advised; else a
 * sparse, already deleted file on the host's memory file system.
 *
 * @param pool the whole address space
 * @param limitBytes how much of it the host can give now
 */
record Backing(MemorySegment pool, long limitBytes) {
  /** System property: size of the pool in bytes. The default is the host's memory. */
  private static final String SIZE = "ringzero.host-memory";

  private static final Path SHARED_MEMORY = Path.of("/dev/shm");
  private static final long ALIGNMENT = 2L << 20;

  // Linux, <sys/mman.h>
  private static final int PROT_READ_WRITE = 1 | 2;
  private static final int MAP_PRIVATE = 0x02;
  private static final int MAP_ANONYMOUS = 0x20;
  private static final int MAP_NORESERVE = 0x4000;
  private static final int MADV_HUGEPAGE = 14;

  static Backing map() {
    return canCallMmap() ? mapAnonymous() : mapFile();
  }

  private static boolean canCallMmap() {
    return Backing.class.getModule().isNativeAccessEnabled()
        && System.getProperty("os.name").equals("Linux");
  }

  @SuppressWarnings("restricted")
  private static Backing mapAnonymous() {
    long size = sizeBytes(HostMemory.totalBytes());
    long address = mmap(size + ALIGNMENT);
    long aligned = address + ALIGNMENT - 1 & -ALIGNMENT;
    MemorySegment pool = MemorySegment.ofAddress(aligned).reinterpret(size);
    madvise(pool, MADV_HUGEPAGE);
    return new Backing(pool, HostMemory.limitBytes(HostMemory.availableBytes()));
  }

  private static long mmap(long lengthBytes) {
    MethodHandle mmap =
        function(
            "mmap",
            FunctionDescriptor.of(
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_LONG));
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
    long address;
    try {
      address = (long) mmap.invokeExact(0L, lengthBytes, PROT_READ_WRITE, flags, -1, 0L);
    } catch (Throwable e) {
      throw new IllegalStateException("cannot call mmap", e);
    }
    if (address == -1) {
      throw new IllegalStateException("the host refuses " + lengthBytes + " bytes of address space");
    }
    return address;
  }

  /** Advice only: that the host does not follow it is no error. */
  private static void madvise(MemorySegment memory, int advice) {
    MethodHandle madvise =
        function(
            "madvise",
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT,
                ValueLayout.ADDRESS,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_INT));
    try {
      int ignored = (int) madvise.invokeExact(memory, memory.byteSize(), advice);
    } catch (Throwable e) {
      throw new IllegalStateException("cannot call madvise", e);
    }
  }

  @SuppressWarnings("restricted")
  private static MethodHandle function(String name, FunctionDescriptor descriptor) {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), descriptor);
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
        MemorySegment pool =
            channel.map(
                MapMode.READ_WRITE, 0, sizeBytes(HostMemory.totalBytes()), Arena.global());
        return new Backing(pool, limit);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot map machine memory", e);
    }
  }

  private static long sizeBytes(long otherwise) {
    return Long.getLong(SIZE, otherwise) & -ALIGNMENT;
  }
}
