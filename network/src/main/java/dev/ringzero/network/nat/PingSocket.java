package dev.ringzero.network.nat;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.ringzero.network.frame.Icmp;
import dev.ringzero.network.frame.Ipv4;
import dev.ringzero.network.host.Posix;
import dev.ringzero.network.host.Posix.PosixException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * The host's socket for pings that needs no root, where the host's kernel permits it ({@code
 * net.ipv4.ping_group_range}). A thread of its own waits for answers.
 */
final class PingSocket implements AutoCloseable {
  private static final int ADDRESS_BYTES = 16;
  private static final int MOST_BYTES = 65_535;
  private static final int LOOK_AGAIN_MILLIS = 200;

  private final Arena arena = Arena.ofShared();
  private final Posix.Calls calls = new Posix.Calls(arena);
  private final MemorySegment outgoing = arena.allocate(MOST_BYTES);
  private final MemorySegment address = arena.allocate(ADDRESS_BYTES, 4);
  private final int fd;
  private final Thread thread;
  private volatile boolean closed;

  /**
   * Opens the socket.
   *
   * @param replies gets ICMP messages, on the socket's thread
   */
  PingSocket(Consumer<byte[]> replies) throws IOException {
    try {
      fd = calls.socket(Posix.AF_INET, Posix.SOCK_DGRAM, Posix.IPPROTO_ICMP);
    } catch (PosixException e) {
      arena.close();
      throw e;
    }
    thread = Thread.ofPlatform().name("nat-ping").daemon().start(() -> run(replies));
  }

  /** Sends an echo request; the kernel puts its own identifier and checksum into it. */
  void send(int ip, int sequence, byte[] message, int offset, int lengthBytes) throws IOException {
    MemorySegment.copy(message, offset, outgoing, JAVA_BYTE, 0, lengthBytes);
    outgoing.set(JAVA_BYTE, Icmp.SEQUENCE, (byte) (sequence >>> 8));
    outgoing.set(JAVA_BYTE, Icmp.SEQUENCE + 1, (byte) sequence);
    address.fill((byte) 0);
    address.set(JAVA_SHORT, 0, (short) Posix.AF_INET);
    MemorySegment.copy(Ipv4.bytes(ip), 0, address, JAVA_BYTE, 4, 4);
    calls.sendTo(fd, outgoing, lengthBytes, address);
  }

  private void run(Consumer<byte[]> replies) {
    Posix.Calls own = new Posix.Calls(arena);
    MemorySegment buffer = arena.allocate(MOST_BYTES);
    byte[] bytes = new byte[MOST_BYTES];
    while (!closed) {
      try {
        if (own.awaitReadable(fd, LOOK_AGAIN_MILLIS)) {
          int length = own.receive(fd, buffer);
          MemorySegment.copy(buffer, JAVA_BYTE, 0, bytes, 0, length);
          replies.accept(Arrays.copyOf(bytes, length));
        }
      } catch (IOException e) {
        // An error that came back for one of the pings; the next answer may be a good one.
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    calls.close(fd);
    arena.close();
  }
}
