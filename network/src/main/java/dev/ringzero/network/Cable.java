package dev.ringzero.network;

import dev.ringzero.engine.wire.Packet;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A cable between two ports: what arrives at one is sent into the other. Who brings a packet while
 * another thread is moving some leaves it to that thread, so that no two threads wait for each
 * other and networks joined in a ring do not run out of stack.
 */
public final class Cable {
  private Cable() {}

  /** Joins two ports. Packets move on the threads that bring them. */
  public static void join(Port one, Port other) {
    one.onArrival(new Mover(one, other));
    other.onArrival(new Mover(other, one));
  }

  private static final class Mover implements Runnable {
    private final Port from;
    private final Port to;
    private final AtomicInteger calls = new AtomicInteger();

    private Mover(Port from, Port to) {
      this.from = from;
      this.to = to;
    }

    @Override
    public void run() {
      if (calls.getAndIncrement() > 0) {
        return;
      }
      int seen = 1;
      do {
        for (Packet packet = from.receive(); packet != null; packet = from.receive()) {
          to.send(packet);
        }
        seen = calls.addAndGet(-seen);
      } while (seen > 0);
    }
  }
}
