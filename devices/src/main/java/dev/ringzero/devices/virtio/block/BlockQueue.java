package dev.ringzero.devices.virtio.block;

import dev.ringzero.devices.virtio.VirtioTransport;
import dev.ringzero.devices.virtio.queue.Virtqueue;
import java.util.ArrayDeque;
import java.util.Deque;

/** One request queue of a disk: what is free, what has ended, and whether it waits for room. */
final class BlockQueue {
  private static final int REQUESTS_A_STEP = 64;
  private static final int REQUESTS_A_SIGNAL = 16;

  private final VirtioBlock disk;
  private final BlockBackend backend;
  private final int index;
  private final VirtioBlock.StallListener stalls;
  private final Deque<BlockRequest> free = new ArrayDeque<>();

  /** Guarded by itself: requests end on any thread. */
  private final Deque<BlockRequest> ended = new ArrayDeque<>();

  private VirtioTransport transport;
  private volatile boolean stalled;

  /** The queue that is processed; null where the driver made none ready since the last reset. */
  private volatile Virtqueue latest;

  BlockQueue(VirtioBlock disk, BlockBackend backend, int index, VirtioBlock.StallListener stalls) {
    this.disk = disk;
    this.backend = backend;
    this.index = index;
    this.stalls = stalls;
  }

  void connect(VirtioTransport to) {
    transport = to;
  }

  void reset() {
    stalled = false;
    latest = null;
    synchronized (ended) {
      free.addAll(ended);
      ended.clear();
    }
  }

  void retry() {
    stalled = false;
    transport.wake(index);
  }

  void settle() {
    if (latest != null) {
      completeEnded(latest);
      signal(latest);
    }
  }

  boolean process(Virtqueue queue) {
    latest = queue;
    completeEnded(queue);
    queue.beginTaking();
    boolean more = true;
    for (int i = 0; more && i < REQUESTS_A_STEP; i++) {
      more = !stalled && takeOne(queue);
      if (i % REQUESTS_A_SIGNAL == REQUESTS_A_SIGNAL - 1) {
        signal(queue);
      }
    }
    signal(queue);
    return more || !stalled && queue.endTaking();
  }

  private void signal(Virtqueue queue) {
    if (queue.isSignalDue()) {
      transport.signal(index);
    }
  }

  private boolean takeOne(Virtqueue queue) {
    BlockRequest request =
        free.isEmpty() ? new BlockRequest(this, disk, backend, transport) : free.pop();
    if (!queue.take(request.chain())) {
      free.push(request);
      return false;
    }
    if (!transport.enter()) {
      queue.putBack(request.chain());
      free.push(request);
      return false;
    }
    boolean waits = request.start() == BlockBackend.Status.NO_SPACE;
    if (waits) {
      queue.putBack(request.chain());
      free.push(request);
      transport.exit();
      stalled = true;
      stalls.stalled();
    }
    completeEnded(queue);
    return !waits;
  }

  /** A request ended. Any thread. */
  void ended(BlockRequest request) {
    synchronized (ended) {
      ended.add(request);
    }
    transport.wake(index);
    transport.exit();
  }

  private void completeEnded(Virtqueue queue) {
    BlockRequest request = nextEnded();
    while (request != null) {
      queue.complete(request.chain(), request.writtenBytes());
      free.push(request);
      request = nextEnded();
    }
  }

  private BlockRequest nextEnded() {
    synchronized (ended) {
      return ended.poll();
    }
  }
}
