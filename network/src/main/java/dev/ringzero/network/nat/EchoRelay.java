package dev.ringzero.network.nat;

import dev.ringzero.network.frame.BigEndian;
import dev.ringzero.network.frame.Icmp;
import dev.ringzero.network.frame.InternetChecksum;
import dev.ringzero.network.frame.Ipv4;
import java.io.IOException;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;

/**
 * Carries pings of hosts outside through the host's ping socket, which is opened at the first one.
 * Sequence numbers are ours on the way, so that answers find back to who asked.
 */
final class EchoRelay implements AutoCloseable {
  private static final int MOST_WAITING = 1024;
  private static final int MOST_ANSWERS = 256;

  /** A ping of a guest that waits for its answer. */
  private record Asked(int guest, int remote, int identifier, int sequence) {}

  private final GuestSide guests;
  private final NatCounters counters;
  private final Runnable wake;
  private final Asked[] waiting = new Asked[MOST_WAITING];
  private final Queue<byte[]> answers = new ArrayBlockingQueue<>(MOST_ANSWERS);
  private PingSocket socket;
  private boolean refused;
  private int next;

  /**
   * Makes the relay.
   *
   * @param wake lets the NAT's thread call {@link #deliver}
   */
  EchoRelay(GuestSide guests, NatCounters counters, Runnable wake) {
    this.guests = guests;
    this.counters = counters;
    this.wake = wake;
  }

  /** Whether the host's kernel lets us ping. */
  boolean isPossible() {
    if (socket == null && !refused) {
      try {
        socket = new PingSocket(this::answered);
      } catch (IOException | RuntimeException | LinkageError e) {
        refused = true;
        System.getLogger(EchoRelay.class.getName())
            .log(
                System.Logger.Level.DEBUG,
                "guests cannot ping the world; see net.ipv4.ping_group_range",
                e);
      }
    }
    return socket != null;
  }

  /** Sends an intact echo request on. */
  void ask(byte[] frame, int message, int lengthBytes, int guest, int remote) {
    int slot = next;
    next = (next + 1) % MOST_WAITING;
    waiting[slot] =
        new Asked(
            guest,
            remote,
            BigEndian.get16(frame, message + Icmp.IDENTIFIER),
            BigEndian.get16(frame, message + Icmp.SEQUENCE));
    try {
      socket.send(remote, slot, frame, message, lengthBytes);
    } catch (IOException e) {
      waiting[slot] = null;
      counters.count(NatCounter.HOST_FAILURES);
    }
  }

  private void answered(byte[] message) {
    if (answers.offer(message)) {
      wake.run();
    }
  }

  /** Hands answers that came to the guests. */
  void deliver() {
    for (byte[] message = answers.poll(); message != null; message = answers.poll()) {
      deliver(message);
    }
  }

  private void deliver(byte[] message) {
    int length = message.length;
    if (length < Icmp.HEADER_BYTES || BigEndian.get8(message, Icmp.TYPE) != Icmp.ECHO_REPLY) {
      return;
    }
    int slot = BigEndian.get16(message, Icmp.SEQUENCE);
    Asked asked = slot < MOST_WAITING ? waiting[slot] : null;
    if (asked == null || length > GuestSide.MOST_LONG_PAYLOAD_BYTES) {
      return;
    }
    waiting[slot] = null;
    byte[] reply = guests.frame;
    int at = GuestSide.PAYLOAD;
    System.arraycopy(message, 0, reply, at, length);
    BigEndian.put16(reply, at + Icmp.IDENTIFIER, asked.identifier);
    BigEndian.put16(reply, at + Icmp.SEQUENCE, asked.sequence);
    BigEndian.put16(reply, at + Icmp.CHECKSUM, 0);
    int sum = InternetChecksum.of(InternetChecksum.sum(0, reply, at, length));
    BigEndian.put16(reply, at + Icmp.CHECKSUM, sum);
    guests.sendPacket(guests.neighbour(asked.guest), Ipv4.ICMP, asked.remote, asked.guest, length);
  }

  @Override
  public void close() {
    if (socket != null) {
      socket.close();
    }
  }
}
