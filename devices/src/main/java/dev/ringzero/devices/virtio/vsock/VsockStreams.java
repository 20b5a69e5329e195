package dev.ringzero.devices.virtio.vsock;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** All streams of a device, and which of them have something for the guest. Guarded by itself. */
final class VsockStreams {
  private static final int MOST_STREAMS = 256;
  private static final int MOST_REFUSALS = 256;
  private static final int FIRST_HOST_PORT = 1 << 30;

  private final Map<Long, VsockStream> streams = new HashMap<>();
  private final Deque<VsockStream> ready = new ArrayDeque<>();
  private final Deque<Refusal> refusals = new ArrayDeque<>();
  private final Runnable wake;
  private int nextHostPort = FIRST_HOST_PORT;

  /** Packets of the guest's that belong to no stream are answered with a reset. */
  record Refusal(int guestPort, int hostPort) {}

  VsockStreams(Runnable wake) {
    this.wake = wake;
  }

  private static long key(int guestPort, int hostPort) {
    return (long) guestPort << 32 | hostPort & 0xFFFF_FFFFL;
  }

  VsockStream find(int guestPort, int hostPort) {
    return streams.get(key(guestPort, hostPort));
  }

  /** Adds a stream; null if there are too many. */
  VsockStream add(int guestPort, int hostPort, boolean fromHost) {
    if (streams.size() == MOST_STREAMS) {
      return null;
    }
    VsockStream stream = new VsockStream(this, guestPort, hostPort, fromHost);
    streams.put(key(guestPort, hostPort), stream);
    return stream;
  }

  /** Adds a stream to the guest, from a port of the host's that is free. */
  synchronized VsockStream addFromHost(int guestPort) {
    if (streams.size() == MOST_STREAMS) {
      return null;
    }
    while (find(guestPort, nextHostPort) != null) {
      nextHostPort++;
    }
    VsockStream stream = add(guestPort, nextHostPort++, true);
    ready(stream);
    return stream;
  }

  /** A stream may have something for the guest. */
  synchronized void ready(VsockStream stream) {
    if (!stream.queued && stream.next() != VsockStream.Packet.NONE) {
      stream.queued = true;
      ready.add(stream);
      wake.run();
    }
  }

  /** The next stream that has something for the guest, or null. */
  VsockStream nextReady() {
    while (!ready.isEmpty()) {
      VsockStream stream = ready.peek();
      if (stream.next() != VsockStream.Packet.NONE) {
        return stream;
      }
      leave(stream);
    }
    return null;
  }

  /** The stream that was {@link #nextReady} had its turn. */
  void hadTurn(VsockStream stream) {
    leave(stream);
    if (stream.isOver()) {
      remove(stream);
    } else {
      ready(stream);
    }
  }

  private void leave(VsockStream stream) {
    ready.remove();
    stream.queued = false;
  }

  /** The guest ended a stream: nothing more is said of it. */
  void end(VsockStream stream) {
    stream.close();
    remove(stream);
    stream.listener().run();
  }

  private void remove(VsockStream stream) {
    streams.remove(key(stream.guestPort(), stream.hostPort()), stream);
  }

  void refuse(int guestPort, int hostPort) {
    refusals.add(new Refusal(guestPort, hostPort));
    wake.run();
  }

  /** Whether so many answers wait for the guest that it has to take some first. */
  synchronized boolean isFull() {
    return refusals.size() >= MOST_REFUSALS;
  }

  Refusal nextRefusal() {
    return refusals.peek();
  }

  void refused() {
    refusals.remove();
  }

  synchronized boolean isEmpty() {
    return streams.isEmpty();
  }

  /** Ends all streams without a word to the guest. */
  synchronized void clear() {
    List.copyOf(streams.values()).forEach(this::end);
    ready.forEach(stream -> stream.queued = false);
    ready.clear();
    refusals.clear();
  }
}
