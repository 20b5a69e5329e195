package dev.ringzero.network.link;

import dev.ringzero.engine.Clock;
import dev.ringzero.engine.Entropy;
import dev.ringzero.network.FrameQueue;
import dev.ringzero.network.Port;

/** A port at the end of a line that may be slow, lossy or cut, in both directions alike. */
public final class ImpairedPort implements Port {
  private static final int QUEUE_BYTES = 1 << 18;

  private final Port port;
  private final DelayLine outbound;
  private final DelayLine inbound;
  private final FrameQueue arrived = new FrameQueue(QUEUE_BYTES);
  private final byte[] frame = new byte[MOST_FRAME_BYTES];

  public ImpairedPort(Port port, Clock clock, Entropy entropy) {
    this.port = port;
    outbound = new DelayLine(clock, entropy, port::send);
    inbound = new DelayLine(clock, entropy, arrived::offer);
    port.onArrival(this::drain);
  }

  /** Changes what the line does, from the next frame on. */
  public void impair(Impairments how) {
    outbound.impair(how);
    inbound.impair(how);
  }

  /** Frames that were lost in both directions. */
  public long losses() {
    return outbound.losses() + inbound.losses();
  }

  private void drain() {
    synchronized (frame) {
      for (int n = port.receive(frame); n > 0; n = port.receive(frame)) {
        inbound.accept(frame, 0, n);
      }
    }
  }

  @Override
  public void send(byte[] bytes, int offset, int lengthBytes) {
    outbound.accept(bytes, offset, lengthBytes);
  }

  @Override
  public int receive(byte[] destination) {
    return arrived.poll(destination);
  }

  @Override
  public void onArrival(Runnable listener) {
    arrived.onArrival(listener);
  }

  @Override
  public void close() {
    port.close();
  }
}
