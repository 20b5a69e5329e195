package dev.ringzero.kvm.vfio;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/** The kernel itself, through the host's C library (Linux, x86-64). */
final class HostVfioCalls implements VfioCalls {
  private static final int O_RDWR_CLOEXEC = 0x8_0002;
  private static final int EFD_CLOEXEC_NONBLOCK = 0x8_0800;
  private static final int PROT_READ_WRITE = 3;
  private static final int MAP_SHARED = 1;
  private static final int POLL_ENTRY_BYTES = 8;
  private static final short POLLIN = 1;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final StructLayout CALL_STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      CALL_STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
  private static final Linker.Option KEEP_ERRNO = Linker.Option.captureCallState("errno");

  private static final MethodHandle OPEN =
      function(
          "open",
          FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT),
          Linker.Option.firstVariadicArg(2),
          KEEP_ERRNO);
  private static final MethodHandle IOCTL =
      function(
          "ioctl",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG),
          Linker.Option.firstVariadicArg(2),
          KEEP_ERRNO);
  private static final MethodHandle PREAD =
      function("pread", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle PWRITE =
      function("pwrite", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle READ =
      function("read", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));
  private static final MethodHandle EVENTFD =
      function("eventfd", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT), KEEP_ERRNO);
  private static final MethodHandle POLL =
      function("poll", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
  private static final MethodHandle MMAP =
      function(
          "mmap",
          FunctionDescriptor.of(
              JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));
  private static final MethodHandle MUNMAP =
      function("munmap", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle CLOSE =
      function("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));

  @SuppressWarnings("restricted")
  private static MethodHandle function(
      String name, FunctionDescriptor type, Linker.Option... options) {
    return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), type, options);
  }

  @Override
  public int open(String path) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(CALL_STATE);
      return result((int) OPEN.invokeExact(state, arena.allocateFrom(path), O_RDWR_CLOEXEC), state);
    } catch (Throwable e) {
      throw broken("open", e);
    }
  }

  private static int result(int value, MemorySegment state) {
    return value >= 0 ? value : -(int) ERRNO.get(state, 0L);
  }

  @Override
  public int ioctl(int fd, Vfio call, MemorySegment argument) {
    return ioctl(fd, call, argument.address());
  }

  @Override
  public int ioctl(int fd, Vfio call, long argument) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(CALL_STATE);
      return result((int) IOCTL.invokeExact(state, fd, (long) call.number, argument), state);
    } catch (Throwable e) {
      throw broken("ioctl", e);
    }
  }

  @Override
  public long read(int fd, MemorySegment to, long offset) {
    try {
      return (long) PREAD.invokeExact(fd, to, to.byteSize(), offset);
    } catch (Throwable e) {
      throw broken("pread", e);
    }
  }

  @Override
  public long write(int fd, MemorySegment from, long offset) {
    try {
      return (long) PWRITE.invokeExact(fd, from, from.byteSize(), offset);
    } catch (Throwable e) {
      throw broken("pwrite", e);
    }
  }

  @Override
  public long map(int fd, long lengthBytes, long offset) {
    try {
      return (long) MMAP.invokeExact(0L, lengthBytes, PROT_READ_WRITE, MAP_SHARED, fd, offset);
    } catch (Throwable e) {
      throw broken("mmap", e);
    }
  }

  @Override
  public void unmap(long address, long lengthBytes) {
    try {
      int ignored = (int) MUNMAP.invokeExact(address, lengthBytes);
    } catch (Throwable e) {
      throw broken("munmap", e);
    }
  }

  @Override
  public int eventCounter() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(CALL_STATE);
      return result((int) EVENTFD.invokeExact(state, 0, EFD_CLOEXEC_NONBLOCK), state);
    } catch (Throwable e) {
      throw broken("eventfd", e);
    }
  }

  @Override
  public int awaitEvent(int[] counters, int timeoutMillis) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment polled = arena.allocate((long) POLL_ENTRY_BYTES * counters.length, 8);
      for (int i = 0; i < counters.length; i++) {
        polled.set(JAVA_INT, (long) POLL_ENTRY_BYTES * i, counters[i]);
        polled.set(JAVA_SHORT, (long) POLL_ENTRY_BYTES * i + 4, POLLIN);
      }
      int ready = (int) POLL.invokeExact(polled, (long) counters.length, timeoutMillis);
      for (int i = 0; ready > 0 && i < counters.length; i++) {
        if ((polled.get(JAVA_SHORT, (long) POLL_ENTRY_BYTES * i + 6) & POLLIN) != 0) {
          long ignored =
              (long) READ.invokeExact(counters[i], arena.allocate(JAVA_LONG), (long) Long.BYTES);
          return i;
        }
      }
      return -1;
    } catch (Throwable e) {
      throw broken("poll", e);
    }
  }

  @Override
  public void close(int fd) {
    try {
      int ignored = (int) CLOSE.invokeExact(fd);
    } catch (Throwable e) {
      throw broken("close", e);
    }
  }

  private static IllegalStateException broken(String call, Throwable cause) {
    return new IllegalStateException("cannot call " + call + " of the C library", cause);
  }
}
