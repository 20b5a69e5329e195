package dev.ringzero.devices.virtio.net;

import java.util.concurrent.atomic.AtomicLong;

/** What a network card counts, as the guest sees the directions. Any thread may read. */
public final class NetCounters {
  final AtomicLong received = new AtomicLong();
  final AtomicLong receivedBytes = new AtomicLong();
  final AtomicLong receiveDrops = new AtomicLong();
  final AtomicLong sent = new AtomicLong();
  final AtomicLong sentBytes = new AtomicLong();
  final AtomicLong sendDrops = new AtomicLong();

  NetCounters() {}

  public long framesReceived() {
    return received.get();
  }

  public long bytesReceived() {
    return receivedBytes.get();
  }

  public long bytesSent() {
    return sentBytes.get();
  }

  /** Frames that did not fit into the buffers that the driver gave. */
  public long receiveDrops() {
    return receiveDrops.get();
  }

  public long framesSent() {
    return sent.get();
  }

  /** What the driver gave that is no frame. */
  public long sendDrops() {
    return sendDrops.get();
  }
}
