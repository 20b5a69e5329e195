package dev.ringzero.network.tap;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.ringzero.engine.wire.Packet;
import dev.ringzero.network.PacketQueue;
import dev.ringzero.network.Port;
import dev.ringzero.network.host.Posix;
import dev.ringzero.network.host.Posix.PosixException;
import dev.ringzero.network.offload.PacketHeader;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * A TAP interface of the host: what the guest sends the host's kernel receives there. Checksums and
 * segmentation are left to the kernel, as its header is that of virtio.
 *
 * <p>Not modelled: several queues.
 */
public final class TapPort implements Port {
  private static final String DEVICE = "/dev/net/tun";
  private static final long TUNSETIFF = 0x4004_54CAL;
  private static final long TUNSETOFFLOAD = 0x4004_54D0L;
  private static final long TUNSETVNETHDRSZ = 0x4004_54D8L;
  private static final int IFF_TAP = 0x0002;
  private static final int IFF_NO_PI = 0x1000;
  private static final int IFF_VNET_HDR = 0x4000;
  private static final long TUN_F_CSUM_TSO4_TSO6 = 1 | 2 | 4;
  private static final int IFREQ_BYTES = 40;
  private static final int NAME_BYTES = 16;

  private static final int QUEUE_PACKETS = 1 << 10;
  private static final int QUEUE_BYTES = 1 << 20;
  private static final int LOOK_AGAIN_MILLIS = 200;
  private static final Path INTERFACES = Path.of("/proc/net/dev");

  private final PacketQueue arrived = new PacketQueue(QUEUE_PACKETS, QUEUE_BYTES);
  private final Arena arena = Arena.ofShared();
  private final Posix.Calls writerCalls = new Posix.Calls(arena);
  private final MemorySegment outgoing = arena.allocate(Packet.FRAME + Packet.MOST_FRAME_BYTES);
  private final int fd;
  private final Thread thread;
  private volatile boolean closed;

  /**
   * Takes an interface.
   *
   * @throws IOException with a message for the user
   */
  public TapPort(String name, String threadName) throws IOException {
    fd = take(name);
    thread = Thread.ofPlatform().name(threadName + "-tap").daemon().start(this::run);
  }

  private int take(String name) throws IOException {
    byte[] bytes = name.getBytes(StandardCharsets.US_ASCII);
    String make = "ip tuntap add dev %s mode tap user %s".formatted(name, user());
    if (bytes.length >= NAME_BYTES || !exists(name)) {
      throw new IOException("this host has no interface " + name + "; as root: " + make);
    }
    int file = -1;
    try {
      file = writerCalls.open(DEVICE, Posix.O_RDWR | Posix.O_NONBLOCK);
      MemorySegment request = arena.allocate(IFREQ_BYTES, 8);
      MemorySegment.copy(bytes, 0, request, JAVA_BYTE, 0, bytes.length);
      request.set(JAVA_SHORT, NAME_BYTES, (short) (IFF_TAP | IFF_NO_PI | IFF_VNET_HDR));
      writerCalls.ioctl(file, TUNSETIFF, request);
      MemorySegment size = arena.allocate(JAVA_INT);
      size.set(JAVA_INT, 0, Packet.FRAME);
      writerCalls.ioctl(file, TUNSETVNETHDRSZ, size);
      writerCalls.ioctl(file, TUNSETOFFLOAD, TUN_F_CSUM_TSO4_TSO6);
      return file;
    } catch (PosixException e) {
      if (file >= 0) {
        writerCalls.close(file);
      }
      throw new IOException(reason(name, make, e), e);
    }
  }

  /** Whether this process's network namespace has it; /sys may show another's. */
  private static boolean exists(String name) throws IOException {
    try (Stream<String> lines = Files.lines(INTERFACES)) {
      return lines.anyMatch(line -> line.strip().startsWith(name + ":"));
    }
  }

  private static String reason(String name, String make, PosixException e) {
    return switch (e.errno) {
      case Posix.EPERM, Posix.EACCES -> "the interface " + name + " is not yours; as root: " + make;
      case Posix.EBUSY -> "the interface " + name + " is in use by another process";
      case Posix.EINVAL -> name + " is no TAP interface; as root: " + make;
      default -> "the interface " + name + ": " + e.getMessage();
    };
  }

  private static String user() {
    return System.getProperty("user.name");
  }

  private void run() {
    Posix.Calls calls = new Posix.Calls(arena);
    MemorySegment buffer = arena.allocate(Packet.FRAME + Packet.MOST_FRAME_BYTES);
    try {
      while (!closed) {
        if (calls.awaitReadable(fd, LOOK_AGAIN_MILLIS)) {
          drain(calls, buffer);
        }
      }
    } catch (IOException e) {
      System.getLogger(TapPort.class.getName())
          .log(System.Logger.Level.WARNING, "a TAP interface is gone: " + e.getMessage());
    }
  }

  private void drain(Posix.Calls calls, MemorySegment buffer) throws IOException {
    while (!closed) {
      int length;
      try {
        length = calls.read(fd, buffer, buffer.byteSize()) - Packet.FRAME;
      } catch (PosixException e) {
        if (e.errno == Posix.EAGAIN) {
          return;
        }
        throw e;
      }
      if (length > 0) {
        Packet packet = Packet.take(length);
        MemorySegment.copy(buffer, JAVA_BYTE, 0, packet.bytes(), 0, Packet.FRAME + length);
        packet.bytes()[Packet.FLAGS] &= Packet.NEEDS_CHECKSUM;
        if (PacketHeader.isSound(packet)) {
          arrived.offer(packet);
        } else {
          packet.release();
        }
      }
    }
  }

  /** What the kernel does not take at once is lost, as on a wire. */
  @Override
  public synchronized void send(Packet packet) {
    int length = Packet.FRAME + packet.length();
    if (!closed) {
      MemorySegment.copy(packet.bytes(), 0, outgoing, JAVA_BYTE, 0, length);
      try {
        writerCalls.write(fd, outgoing, length);
      } catch (PosixException e) {
        // The interface is down, or its queue full.
      }
    }
    packet.release();
  }

  @Override
  public Packet receive() {
    return arrived.poll();
  }

  @Override
  public void onArrival(Runnable listener) {
    arrived.onArrival(listener);
  }

  @Override
  public void close() {
    closed = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    synchronized (this) {
      writerCalls.close(fd);
      arena.close();
    }
    arrived.clear();
  }
}
