package dev.ringzero.cpu.translator;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** The few functions of the host's C library that the translator needs (Linux, x86-64). */
final class HostCode {
  private static final int PROT_READ = 1, PROT_WRITE = 2, PROT_EXEC = 4;
  private static final int MAP_SHARED = 1, MAP_PRIVATE = 2, MAP_ANONYMOUS = 0x20;
  private static final int MAP_FIXED = 0x10;
  private static final int MADV_DONTNEED = 4;
  private static final int MAP_NORESERVE = 0x4000;
  private static final int SIGACTION_BYTES = 152;
  private static final int SA_FLAGS = 136;
  private static final int SA_SIGINFO = 4;
  private static final int MFD_CLOEXEC = 1;
  private static final long MAP_FAILED = -1;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final MethodHandle CALL =
      LINKER.downcallHandle(FunctionDescriptor.of(JAVA_LONG, JAVA_LONG));

  private HostCode() {}

  /**
   * One piece of memory at two addresses, so that no page is writable and executable at once.
   *
   * @param writable host address of the view that code is written through
   * @param executable host address of the view that runs
   */
  record DoubleMapping(long writable, long executable) {}

  /**
   * Maps fresh zeroed memory twice.
   *
   * @throws IllegalStateException where the host forbids it
   */
  static DoubleMapping mapTwice(long lengthBytes) {
    return mapTwice(lengthBytes, 0);
  }

  /** As above, with the view that runs at this address, or anywhere if it is 0. */
  static DoubleMapping mapTwice(long lengthBytes, long executableAt) {
    try (Arena arena = Arena.ofConfined()) {
      int file =
          (int)
              function("memfd_create", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT))
                  .invokeExact(arena.allocateFrom("ringzero-code"), MFD_CLOEXEC);
      require(file >= 0, "memfd_create");
      int sized =
          (int)
              function("ftruncate", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG))
                  .invokeExact(file, lengthBytes);
      require(sized == 0, "ftruncate");
      long writable = map(0, lengthBytes, PROT_READ | PROT_WRITE, MAP_SHARED, file);
      int flags = executableAt == 0 ? MAP_SHARED : MAP_SHARED | MAP_FIXED;
      long executable = map(executableAt, lengthBytes, PROT_READ | PROT_EXEC, flags, file);
      int closed =
          (int) function("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT)).invokeExact(file);
      require(closed == 0, "close");
      return new DoubleMapping(writable, executable);
    } catch (RuntimeException e) {
      throw e;
    } catch (Throwable t) {
      throw new IllegalStateException(t);
    }
  }

  /**
   * Maps zeroed memory for data, with an inaccessible page before and after it. It stays until
   * nobody can reach the segment any more.
   */
  static MemorySegment mapData(long lengthBytes) {
    try {
      int guard = 4096;
      long address =
          map(0, lengthBytes + 2 * guard, 0, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1);
      int status =
          (int)
              function("mprotect", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT))
                  .invokeExact(address + guard, lengthBytes, PROT_READ | PROT_WRITE);
      require(status == 0, "mprotect");
      return memory(address + guard, lengthBytes, () -> unmap(address, lengthBytes + 2 * guard));
    } catch (RuntimeException e) {
      throw e;
    } catch (Throwable t) {
      throw new IllegalStateException(t);
    }
  }

  /** Gives whole pages of {@link #mapData} back to the host: they are zero then. */
  static void discard(long address, long lengthBytes) {
    try {
      int status =
          (int)
              function("madvise", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT))
                  .invokeExact(address, lengthBytes, MADV_DONTNEED);
      require(status == 0, "madvise");
    } catch (RuntimeException e) {
      throw e;
    } catch (Throwable t) {
      throw new IllegalStateException(t);
    }
  }

  /** Reserves addresses without access; 0 where the host does not give them. */
  static long reserve(long lengthBytes) {
    try {
      return map(0, lengthBytes, 0, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1);
    } catch (IllegalStateException e) {
      return 0;
    } catch (Throwable t) {
      throw new IllegalStateException(t);
    }
  }

  /** Replaces what is mapped there by reserved addresses. */
  static void makeInaccessible(long address, long lengthBytes) {
    try {
      int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED;
      map(address, lengthBytes, 0, flags, -1);
    } catch (RuntimeException e) {
      throw e;
    } catch (Throwable t) {
      throw new IllegalStateException(t);
    }
  }

  /** Maps memory for code that stays; it may be written until {@link #makeExecutable}. */
  static MemorySegment mapCode(long lengthBytes) {
    try {
      long address = map(0, lengthBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
      return MemorySegment.ofAddress(address).reinterpret(lengthBytes);
    } catch (RuntimeException e) {
      throw e;
    } catch (Throwable t) {
      throw new IllegalStateException(t);
    }
  }

  static void makeExecutable(MemorySegment code) {
    try {
      int status =
          (int)
              function("mprotect", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT))
                  .invokeExact(code.address(), code.byteSize(), PROT_READ | PROT_EXEC);
      require(status == 0, "mprotect");
    } catch (RuntimeException e) {
      throw e;
    } catch (Throwable t) {
      throw new IllegalStateException(t);
    }
  }

  /**
   * The present action of a signal, as the C library's structure, which begins with the handler.
   */
  static MemorySegment signalAction(int signal) {
    MemorySegment action = Arena.ofAuto().allocate(SIGACTION_BYTES, 8);
    signalAction(signal, MemorySegment.NULL, action);
    return action;
  }

  /** Lets code at this address handle a signal, otherwise as it was handled before. */
  static void handleSignal(int signal, long handler) {
    MemorySegment action = signalAction(signal);
    action.set(JAVA_LONG, 0, handler);
    action.set(JAVA_INT, SA_FLAGS, action.get(JAVA_INT, SA_FLAGS) | SA_SIGINFO);
    signalAction(signal, action, MemorySegment.NULL);
  }

  private static void signalAction(int signal, MemorySegment action, MemorySegment old) {
    try {
      int status =
          (int)
              function("sigaction", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS))
                  .invokeExact(signal, action, old);
      require(status == 0, "sigaction");
    } catch (RuntimeException e) {
      throw e;
    } catch (Throwable t) {
      throw new IllegalStateException(t);
    }
  }

  private static long map(long at, long lengthBytes, int protection, int flags, int file)
      throws Throwable {
    long address =
        (long)
            function(
                    "mmap",
                    FunctionDescriptor.of(
                        JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG))
                .invokeExact(at, lengthBytes, protection, flags, file, 0L);
    require(address != MAP_FAILED, "mmap");
    return address;
  }

  static void unmap(long address, long lengthBytes) {
    try {
      int status =
          (int)
              function("munmap", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG))
                  .invokeExact(address, lengthBytes);
      require(status == 0, "munmap");
    } catch (RuntimeException e) {
      throw e;
    } catch (Throwable t) {
      throw new IllegalStateException(t);
    }
  }

  /**
   * Host memory at this address, bounded.
   *
   * @param release runs when nobody can reach the segment any more
   */
  static MemorySegment memory(long address, long lengthBytes, Runnable release) {
    return MemorySegment.ofAddress(address)
        .reinterpret(lengthBytes, Arena.ofAuto(), segment -> release.run());
  }

  /** Calls code at this host address as {@code long f(long)}. */
  static long call(MemorySegment code, long argument) {
    try {
      return (long) CALL.invokeExact(code, argument);
    } catch (Throwable t) {
      throw new IllegalStateException(t);
    }
  }

  private static MethodHandle function(String name, FunctionDescriptor type) {
    return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), type);
  }

  private static void require(boolean good, String call) {
    if (!good) {
      throw new IllegalStateException(call + " failed");
    }
  }
}
