package dev.ringzero.network;

/**
 * A cable between two ports: what arrives at one is sent into the other. At most one of them is a
 * switch's.
 */
public final class Cable {
  private Cable() {}

  /** Joins two ports. Frames move on the threads that send them. */
  public static void join(Port one, Port other) {
    move(one, other);
    move(other, one);
  }

  private static void move(Port from, Port to) {
    byte[] frame = new byte[Port.MOST_FRAME_BYTES];
    Object turn = new Object();
    from.onArrival(() -> {
      synchronized (turn) {
        for (int n = from.receive(frame); n > 0; n = from.receive(frame)) {
          to.send(frame, 0, n);
        }
      }
    });
  }
}
