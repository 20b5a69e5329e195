package dev.ringzero.kvm;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/** The functions of the host's C library that this engine calls (Linux, x86-64). */
final class HostCalls {
  private static final int O_RDWR_CLOEXEC = 0x8_0002;
  private static final int PROT_READ_WRITE = 3;
  private static final int MAP_SHARED = 1;
  private static final int MAP_PRIVATE_ANONYMOUS_NORESERVE = 0x4022;
  private static final long MAP_FAILED = -1;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final Linker.Option KEEP_ERRNO = Linker.Option.captureCallState("errno");
  private static final StructLayout CALL_STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      CALL_STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

  private static final MethodHandle OPEN =
      function(
          "open",
          FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT),
          Linker.Option.firstVariadicArg(2),
          KEEP_ERRNO);
  private static final MethodHandle CLOSE =
      function("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  private static final MethodHandle IOCTL =
      function(
          "ioctl",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG),
          Linker.Option.firstVariadicArg(2),
          KEEP_ERRNO);
  private static final MethodHandle MMAP =
      function(
          "mmap",
          FunctionDescriptor.of(
              JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));
  private static final MethodHandle MUNMAP =
      function("munmap", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG));

  private HostCalls() {}

  @SuppressWarnings("restricted")
  static MethodHandle function(String name, FunctionDescriptor type, Linker.Option... options) {
    return LINKER.downcallHandle(symbol(name), type, options);
  }

  static MemorySegment symbol(String name) {
    return LINKER.defaultLookup().findOrThrow(name);
  }

  /** Room for the error number of a call. */
  static MemorySegment newCallState() {
    return Arena.ofAuto().allocate(CALL_STATE);
  }

  /** Opens a file for reading and writing; a negative error number where that fails. */
  static int open(String path) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(CALL_STATE);
      int fd = (int) OPEN.invokeExact(state, arena.allocateFrom(path), O_RDWR_CLOEXEC);
      return fd >= 0 ? fd : -(int) ERRNO.get(state, 0L);
    } catch (Throwable e) {
      throw broken("open", e);
    }
  }

  static void close(int fd) {
    try {
      int ignored = (int) CLOSE.invokeExact(fd);
    } catch (Throwable e) {
      throw broken("close", e);
    }
  }

  /** What the call returns, or a negative error number. */
  static int ioctl(int fd, long request, long argument, MemorySegment callState) {
    try {
      int result = (int) IOCTL.invokeExact(callState, fd, request, argument);
      return result >= 0 ? result : -(int) ERRNO.get(callState, 0L);
    } catch (Throwable e) {
      throw broken("ioctl", e);
    }
  }

  /** Maps what a file shares with its user. */
  static MemorySegment mapShared(int fd, long lengthBytes) {
    return map(lengthBytes, MAP_SHARED, fd);
  }

  /** Maps memory that costs only where it is touched. */
  static MemorySegment mapAnonymous(long lengthBytes) {
    return map(lengthBytes, MAP_PRIVATE_ANONYMOUS_NORESERVE, -1);
  }

  @SuppressWarnings("restricted")
  private static MemorySegment map(long lengthBytes, int flags, int fd) {
    long address;
    try {
      address = (long) MMAP.invokeExact(0L, lengthBytes, PROT_READ_WRITE, flags, fd, 0L);
    } catch (Throwable e) {
      throw broken("mmap", e);
    }
    if (address == MAP_FAILED) {
      throw new KvmException("mmap of " + lengthBytes + " bytes failed: free memory of the host");
    }
    return MemorySegment.ofAddress(address).reinterpret(lengthBytes);
  }

  static void unmap(MemorySegment memory) {
    try {
      int ignored = (int) MUNMAP.invokeExact(memory.address(), memory.byteSize());
    } catch (Throwable e) {
      throw broken("munmap", e);
    }
  }

  static IllegalStateException broken(String call, Throwable cause) {
    return new IllegalStateException("cannot call " + call + " of the C library", cause);
  }
}
