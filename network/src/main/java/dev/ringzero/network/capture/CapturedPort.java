package dev.ringzero.network.capture;

import dev.ringzero.engine.Clock;
import dev.ringzero.network.Port;
import dev.ringzero.network.capture.PcapngWriter.Direction;
import java.io.IOException;
import java.time.Instant;

/** A port whose frames are written to a file while a capture runs. */
public final class CapturedPort implements Port {
  private static final long NANOS_A_SECOND = 1_000_000_000L;

  private final Port port;
  private final Clock clock;
  private volatile PcapngWriter capture;

  public CapturedPort(Port port, Clock clock) {
    this.port = port;
    this.clock = clock;
  }

  /** Begins a capture; null ends it. The caller closes the writer. */
  public void capture(PcapngWriter writer) {
    capture = writer;
  }

  @Override
  public void send(byte[] frame, int offset, int lengthBytes) {
    record(Direction.OUTBOUND, frame, offset, lengthBytes);
    port.send(frame, offset, lengthBytes);
  }

  @Override
  public int receive(byte[] destination) {
    int length = port.receive(destination);
    if (length > 0) {
      record(Direction.INBOUND, destination, 0, length);
    }
    return length;
  }

  /** A file that cannot be written ends the capture, not the network. */
  private void record(Direction direction, byte[] frame, int offset, int lengthBytes) {
    PcapngWriter writer = capture;
    if (writer == null || lengthBytes > MOST_FRAME_BYTES) {
      return;
    }
    Instant now = clock.wallTime();
    try {
      long nanos = now.getEpochSecond() * NANOS_A_SECOND + now.getNano();
      writer.write(direction, nanos, frame, offset, lengthBytes);
    } catch (IOException e) {
      capture = null;
      System.getLogger(CapturedPort.class.getName())
          .log(System.Logger.Level.WARNING, "the capture has ended: " + e.getMessage(), e);
    }
  }

  @Override
  public void onArrival(Runnable listener) {
    port.onArrival(listener);
  }

  @Override
  public void close() {
    port.close();
  }
}
