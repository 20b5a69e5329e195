package dev.ringzero.testkit.silicon;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** The few functions of the host's C library that running native code takes (Linux, x86-64). */
final class Host {
  static final int PROT_READ_WRITE = 3;
  static final int PROT_ALL = 7;

  private static final long FIRST_CHOICE = 0x1000_0000L;
  private static final long CHOICES_APART = 0x100_0000L;

  private static final int MAP_PRIVATE_ANONYMOUS = 0x22;
  private static final int MAP_FIXED_NOREPLACE = 0x10_0000;
  private static final int SIGACTION_BYTES = 152;
  private static final int SA_FLAGS = 136;
  private static final int SA_ONSTACK = 0x0800_0000;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final MethodHandle MMAP =
      function(
          "mmap",
          FunctionDescriptor.of(
              JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));
  private static final MethodHandle MUNMAP =
      function("munmap", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle MPROTECT =
      function("mprotect", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT));
  private static final MethodHandle SIGACTION =
      function("sigaction", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS));
  private static final MethodHandle SIGALTSTACK =
      function("sigaltstack", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS));

  private Host() {}

  private static MethodHandle function(String name, FunctionDescriptor type) {
    return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), type);
  }

  /** Calls code without arguments. */
  static MethodHandle code(MemorySegment address) {
    return LINKER.downcallHandle(address, FunctionDescriptor.ofVoid());
  }

  /** Reserves address space below 2 GiB, without access rights. */
  static long reserve(long lengthBytes) {
    for (long address = FIRST_CHOICE; address < 1L << 31; address += CHOICES_APART) {
      long got = map(address, lengthBytes, 0, MAP_FIXED_NOREPLACE);
      if (got == address) {
        return address;
      }
      if (got > 0) {
        unmap(got, lengthBytes);
      }
    }
    throw new IllegalStateException("no address space below 2 GiB is free");
  }

  private static long map(long address, long lengthBytes, int protection, int flags) {
    try {
      return (long)
          MMAP.invokeExact(address, lengthBytes, protection, MAP_PRIVATE_ANONYMOUS | flags, -1, 0L);
    } catch (Throwable t) {
      throw new IllegalStateException("mmap", t);
    }
  }

  static void protect(long address, long lengthBytes, int protection) {
    try {
      int status = (int) MPROTECT.invokeExact(address, lengthBytes, protection);
      require(status == 0, "mprotect");
    } catch (Throwable t) {
      throw new IllegalStateException("mprotect", t);
    }
  }

  private static void unmap(long address, long lengthBytes) {
    try {
      int status = (int) MUNMAP.invokeExact(address, lengthBytes);
      require(status == 0, "munmap");
    } catch (Throwable t) {
      throw new IllegalStateException("munmap", t);
    }
  }

  /** The present action of a signal, as the C library's structure. */
  static MemorySegment action(int signal) {
    MemorySegment action = Arena.ofAuto().allocate(SIGACTION_BYTES, 8);
    sigaction(signal, MemorySegment.NULL, action);
    return action;
  }

  /** Handles a signal by code that runs on the thread's alternate stack. */
  static void handle(int signal, MemorySegment oldAction, long handler) {
    MemorySegment action = Arena.ofAuto().allocate(SIGACTION_BYTES, 8).copyFrom(oldAction);
    action.set(JAVA_LONG, 0, handler);
    int siginfo = 4;
    action.set(JAVA_INT, SA_FLAGS, action.get(JAVA_INT, SA_FLAGS) | SA_ONSTACK | siginfo);
    sigaction(signal, action, MemorySegment.NULL);
  }

  static void sigaction(int signal, MemorySegment action, MemorySegment oldAction) {
    try {
      int status = (int) SIGACTION.invokeExact(signal, action, oldAction);
      require(status == 0, "sigaction");
    } catch (Throwable t) {
      throw new IllegalStateException("sigaction", t);
    }
  }

  /** Gives the calling thread an alternate signal stack; length 0 takes it away. */
  static void alternateStack(long address, long lengthBytes) {
    int disable = 2;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment stack = arena.allocate(24, 8);
      stack.set(JAVA_LONG, 0, address);
      stack.set(JAVA_INT, 8, lengthBytes == 0 ? disable : 0);
      stack.set(JAVA_LONG, 16, lengthBytes);
      int status = (int) SIGALTSTACK.invokeExact(stack, MemorySegment.NULL);
      require(status == 0, "sigaltstack");
    } catch (Throwable t) {
      throw new IllegalStateException("sigaltstack", t);
    }
  }

  private static void require(boolean condition, String what) {
    if (!condition) {
      throw new IllegalStateException(what + " failed");
    }
  }
}
