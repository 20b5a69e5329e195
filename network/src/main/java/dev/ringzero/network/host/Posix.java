package dev.ringzero.network.host;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/**
 * The few calls of Linux that TAP interfaces and unprivileged pings need. Loaded where the first of
 * them is used.
 */
public final class Posix {
  public static final int EPERM = 1;
  public static final int EAGAIN = 11;
  public static final int EACCES = 13;
  public static final int EBUSY = 16;
  public static final int EINVAL = 22;

  public static final int O_RDWR = 2;
  public static final int O_NONBLOCK = 0x800;
  public static final int AF_INET = 2;
  public static final int SOCK_DGRAM = 2;
  public static final int IPPROTO_ICMP = 1;
  private static final short POLLIN = 1;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final Linker.Option ERRNO = Linker.Option.captureCallState("errno");
  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO_VALUE =
      STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

  private static final MethodHandle OPEN =
      call("open", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));
  private static final MethodHandle CLOSE =
      call("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  private static final MethodHandle IOCTL =
      LINKER.downcallHandle(
          LINKER.defaultLookup().findOrThrow("ioctl"),
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS),
          ERRNO,
          Linker.Option.firstVariadicArg(2));
  private static final MethodHandle IOCTL_VALUE =
      LINKER.downcallHandle(
          LINKER.defaultLookup().findOrThrow("ioctl"),
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG),
          ERRNO,
          Linker.Option.firstVariadicArg(2));
  private static final MethodHandle READ =
      call("read", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));
  private static final MethodHandle WRITE =
      call("write", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));
  private static final MethodHandle POLL =
      call("poll", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
  private static final MethodHandle SOCKET =
      call("socket", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
  private static final MethodHandle SENDTO =
      call(
          "sendto",
          FunctionDescriptor.of(
              JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT));
  private static final MethodHandle RECVFROM =
      call(
          "recvfrom",
          FunctionDescriptor.of(
              JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT, ADDRESS, ADDRESS));

  private Posix() {}

  /** A call of the host failed. */
  public static final class PosixException extends IOException {
    private static final long serialVersionUID = 1L;

    /** Why, by the host's number. */
    public final int errno;

    PosixException(String call, int errno) {
      super(call + " failed: errno " + errno);
      this.errno = errno;
    }
  }

  private static MethodHandle call(String name, FunctionDescriptor type) {
    return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), type, ERRNO);
  }

  /** What one thread keeps for its calls. */
  public static final class Calls {
    private final MemorySegment state;
    private final MemorySegment pollEntry;

    public Calls(Arena arena) {
      state = arena.allocate(STATE);
      pollEntry = arena.allocate(8, 4);
    }

    private long checked(String name, long result) throws PosixException {
      if (result < 0) {
        throw new PosixException(name, (int) ERRNO_VALUE.get(state, 0L));
      }
      return result;
    }

    public int open(String path, int flags) throws PosixException {
      try (Arena arena = Arena.ofConfined()) {
        return (int)
            checked("open", (int) OPEN.invokeExact(state, arena.allocateFrom(path), flags));
      } catch (Throwable e) {
        throw failure(e);
      }
    }

    public int socket(int domain, int type, int protocol) throws PosixException {
      try {
        return (int) checked("socket", (int) SOCKET.invokeExact(state, domain, type, protocol));
      } catch (Throwable e) {
        throw failure(e);
      }
    }

    public void ioctl(int fd, long request, MemorySegment argument) throws PosixException {
      try {
        checked("ioctl", (int) IOCTL.invokeExact(state, fd, request, argument));
      } catch (Throwable e) {
        throw failure(e);
      }
    }

    public void ioctl(int fd, long request, long argument) throws PosixException {
      try {
        checked("ioctl", (int) IOCTL_VALUE.invokeExact(state, fd, request, argument));
      } catch (Throwable e) {
        throw failure(e);
      }
    }

    public int read(int fd, MemorySegment buffer, long lengthBytes) throws PosixException {
      try {
        return (int) checked("read", (long) READ.invokeExact(state, fd, buffer, lengthBytes));
      } catch (Throwable e) {
        throw failure(e);
      }
    }

    public int write(int fd, MemorySegment buffer, long lengthBytes) throws PosixException {
      try {
        return (int) checked("write", (long) WRITE.invokeExact(state, fd, buffer, lengthBytes));
      } catch (Throwable e) {
        throw failure(e);
      }
    }

    public void sendTo(int fd, MemorySegment buffer, long lengthBytes, MemorySegment address)
        throws PosixException {
      try {
        checked(
            "sendto",
            (long)
                SENDTO.invokeExact(
                    state, fd, buffer, lengthBytes, 0, address, (int) address.byteSize()));
      } catch (Throwable e) {
        throw failure(e);
      }
    }

    public int receive(int fd, MemorySegment buffer) throws PosixException {
      try {
        return (int)
            checked(
                "recvfrom",
                (long)
                    RECVFROM.invokeExact(
                        state,
                        fd,
                        buffer,
                        buffer.byteSize(),
                        0,
                        MemorySegment.NULL,
                        MemorySegment.NULL));
      } catch (Throwable e) {
        throw failure(e);
      }
    }

    /** Waits until there is something to read; false if nothing came in time. */
    public boolean awaitReadable(int fd, int timeoutMillis) throws PosixException {
      pollEntry.set(JAVA_INT, 0, fd);
      pollEntry.set(JAVA_SHORT, 4, POLLIN);
      pollEntry.set(JAVA_SHORT, 6, (short) 0);
      try {
        int ready = (int) POLL.invokeExact(state, pollEntry, 1L, timeoutMillis);
        return ready > 0;
      } catch (Throwable e) {
        throw failure(e);
      }
    }

    public void close(int fd) {
      try {
        int ignored = (int) CLOSE.invokeExact(state, fd);
      } catch (Throwable e) {
        throw new IllegalStateException(e);
      }
    }

    private static PosixException failure(Throwable e) {
      if (e instanceof PosixException known) {
        return known;
      }
      throw e instanceof RuntimeException unchecked ? unchecked : new IllegalStateException(e);
    }
  }
}
