package dev.ringzero.devices.virtio.net;

import dev.ringzero.engine.wire.Packet;
import dev.ringzero.engine.wire.Wire;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.function.IntConsumer;

/**
 * Which of several receive queues a packet goes to: the one of the pair on which the driver sent
 * last on the same flow.
 *
 * @spec Virtual I/O Device (VIRTIO) 1.2, "Automatic receive steering in multiqueue mode"
 */
final class Steering {
  private static final int FLOWS = 256;
  private static final int PACKETS_A_TURN = 64;
  private static final int MOST_WAITING = 256;

  private final Wire wire;
  private final byte[] pairOfFlow = new byte[FLOWS];
  private final Deque<Packet>[] lanes;
  private volatile int pairs = 1;
  private Packet held;
  private IntConsumer waker;

  @SuppressWarnings("unchecked")
  Steering(Wire wire, int mostPairs) {
    this.wire = wire;
    lanes = new Deque[mostPairs];
    Arrays.setAll(lanes, i -> new ArrayDeque<>());
  }

  /** Sets how a pair's receive queue is woken. */
  void connect(IntConsumer wake) {
    waker = wake;
  }

  /** How many pairs the driver uses. */
  void pairs(int count) {
    pairs = count;
    synchronized (this) {
      Arrays.fill(pairOfFlow, (byte) 0);
    }
    waker.accept(0);
  }

  int pairs() {
    return pairs;
  }

  synchronized void reset() {
    pairs = 1;
    Arrays.fill(pairOfFlow, (byte) 0);
    for (Deque<Packet> lane : lanes) {
      lane.forEach(Packet::release);
      lane.clear();
    }
    if (held != null) {
      held.release();
      held = null;
    }
  }

  /** Remembers on which pair a flow is sent. */
  void learn(Packet packet, int pair) {
    if (pairs > 1) {
      pairOfFlow[FlowHash.of(packet) & FLOWS - 1] = (byte) pair;
    }
  }

  /** Lets packets of the wire go to where they belong; with one pair they stay on the wire. */
  void distribute(int caller) {
    if (pairs == 1) {
      return;
    }
    int woken = 0;
    synchronized (this) {
      for (int i = 0; i < PACKETS_A_TURN; i++) {
        Packet packet = held != null ? held : wire.receive();
        held = null;
        if (packet == null) {
          break;
        }
        int pair = pairOfFlow[FlowHash.of(packet) & FLOWS - 1] % pairs;
        if (lanes[pair].size() == MOST_WAITING) {
          held = packet;
          woken |= 1 << pair;
          break;
        }
        lanes[pair].add(packet);
        woken |= 1 << pair;
      }
      woken |= held == null && !lanes[0].isEmpty() ? 1 : 0;
    }
    for (int pair = 0; woken != 0; pair++, woken >>>= 1) {
      if ((woken & 1) != 0 && pair != caller) {
        waker.accept(pair);
      }
    }
  }

  /** The next packet for a pair; null if there is none. */
  Packet next(int pair) {
    if (pairs > 1) {
      synchronized (this) {
        Packet packet = lanes[pair].poll();
        if (packet != null) {
          return packet;
        }
      }
      distribute(pair);
    }
    synchronized (this) {
      Packet packet = lanes[pair].poll();
      if (packet != null || pairs > 1 || pair != 0) {
        return packet;
      }
    }
    return wire.receive();
  }
}
