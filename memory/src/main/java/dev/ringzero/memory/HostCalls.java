package dev.ringzero.memory;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/** The calls of the host's kernel that this module makes, where the JVM may call native code. */
final class HostCalls {
  // Linux, <sys/mman.h>
  private static final int PROT_READ = 1;
  private static final int PROT_WRITE = 2;
  private static final int PROT_EXEC = 4;
  private static final int MAP_PRIVATE = 0x02;
  private static final int MAP_FIXED = 0x10;
  private static final int MAP_ANONYMOUS = 0x20;
  private static final int MAP_NORESERVE = 0x4000;
  private static final int MADV_DONTNEED = 4;
  private static final int MADV_HUGEPAGE = 14;
  private static final long MAP_FAILED = -1;

  // Linux, <fcntl.h>
  private static final int O_RDONLY = 0;
  private static final int O_CLOEXEC = 0x80000;

  private static final long PAGE_BYTES = 4096;
  private static final long PAGES_PER_LOOK = 1 << 14;

  private HostCalls() {}

  static boolean areAllowed() {
    return HostCalls.class.getModule().isNativeAccessEnabled()
        && System.getProperty("os.name").equals("Linux");
  }

  /** Reserves address space that costs memory only where it is touched. */
  @SuppressWarnings("restricted")
  static MemorySegment reserve(long lengthBytes, long alignment) {
    long address = mmap(lengthBytes + alignment, MAP_NORESERVE);
    if (address == MAP_FAILED) {
      throw new IllegalStateException("no address space of " + lengthBytes + " bytes on this host");
    }
    return MemorySegment.ofAddress(address + alignment - 1 & -alignment).reinterpret(lengthBytes);
  }

  /** Asks for huge pages: advice only, that the host does not follow it is no error. */
  static void adviseHugePages(MemorySegment memory) {
    callInt(Advice.MADVISE, memory, memory.byteSize(), MADV_HUGEPAGE);
  }

  /** Gives private anonymous memory back to the host; it is zero from then on, if this succeeds. */
  static boolean discard(MemorySegment memory) {
    return callInt(Advice.MADVISE, memory, memory.byteSize(), MADV_DONTNEED) == 0;
  }

  private static final class Advice {
    static final MethodHandle MADVISE = intFunction("madvise");
  }

  /** How many of these pages are in the host's memory. */
  static long residentPages(MemorySegment memory) {
    MethodHandle mincore =
        function("mincore", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, ADDRESS));
    long resident = 0;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment pages = arena.allocate(PAGES_PER_LOOK);
      for (long at = 0; at < memory.byteSize(); at += PAGES_PER_LOOK * PAGE_BYTES) {
        long length = Math.min(PAGES_PER_LOOK * PAGE_BYTES, memory.byteSize() - at);
        int refused = (int) mincore.invokeExact(memory.asSlice(at, length), length, pages);
        for (long i = 0; refused == 0 && i < length / PAGE_BYTES; i++) {
          resident += pages.get(JAVA_BYTE, i) & 1;
        }
      }
    } catch (Throwable e) {
      throw new IllegalStateException("cannot call mincore", e);
    }
    return resident;
  }

  /** Machine code in an executable mapping for ever, or null where the host does not allow it. */
  @SuppressWarnings("restricted")
  static MemorySegment executable(byte[] code) {
    long address = mmap(code.length, 0);
    if (address == MAP_FAILED) {
      return null;
    }
    MemorySegment memory = MemorySegment.ofAddress(address).reinterpret(code.length);
    memory.copyFrom(MemorySegment.ofArray(code));
    int refused = callInt(intFunction("mprotect"), memory, code.length, PROT_READ | PROT_EXEC);
    return refused == 0 ? memory : null;
  }

  private static long mmap(long lengthBytes, int moreFlags) {
    return mmap(0, lengthBytes, MAP_ANONYMOUS | moreFlags, -1, 0);
  }

  private static long mmap(long address, long lengthBytes, int moreFlags, int file, long offset) {
    int protection = PROT_READ | PROT_WRITE;
    int flags = MAP_PRIVATE | moreFlags;
    try {
      return (long) Mapping.MMAP.invokeExact(address, lengthBytes, protection, flags, file, offset);
    } catch (Throwable e) {
      throw new IllegalStateException("cannot call mmap", e);
    }
  }

  private static final class Mapping {
    static final MethodHandle MMAP =
        function(
            "mmap",
            FunctionDescriptor.of(
                JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));
    static final MethodHandle OPEN =
        function(
            "open",
            FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT),
            Linker.Option.firstVariadicArg(2));
    static final MethodHandle CLOSE = function("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  }

  /**
   * Puts a part of a file in the place of this memory; what is written there stays out of the file.
   *
   * @return whether the host did
   */
  static boolean mapPrivately(MemorySegment memory, Path file, long offset) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment name = arena.allocateFrom(file.toString());
      int descriptor = (int) Mapping.OPEN.invokeExact(name, O_RDONLY | O_CLOEXEC);
      if (descriptor < 0) {
        return false;
      }
      int flags = MAP_FIXED | MAP_NORESERVE;
      long at = mmap(memory.address(), memory.byteSize(), flags, descriptor, offset);
      int ignored = (int) Mapping.CLOSE.invokeExact(descriptor);
      return at == memory.address();
    } catch (Throwable e) {
      throw new IllegalStateException("cannot map " + file, e);
    }
  }

  /** Puts anonymous memory, which is zero, in the place of what was mapped there. */
  static boolean mapAnonymously(MemorySegment memory) {
    int flags = MAP_FIXED | MAP_ANONYMOUS | MAP_NORESERVE;
    return mmap(memory.address(), memory.byteSize(), flags, -1, 0) == memory.address();
  }

  private static int callInt(
      MethodHandle call, MemorySegment memory, long lengthBytes, int argument) {
    try {
      return (int) call.invokeExact(memory, lengthBytes, argument);
    } catch (Throwable e) {
      throw new IllegalStateException("cannot call the host", e);
    }
  }

  /** {@code int name(void *, size_t, int)}. */
  private static MethodHandle intFunction(String name) {
    return function(name, FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
  }

  @SuppressWarnings("restricted")
  private static MethodHandle function(
      String name, FunctionDescriptor descriptor, Linker.Option... options) {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), descriptor, options);
  }
}
