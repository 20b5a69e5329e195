package dev.ringzero.devices.virtio.balloon;

import static dev.ringzero.devices.virtio.balloon.BalloonProtocol.*;

import dev.ringzero.devices.virtio.VirtioDevice;
import dev.ringzero.devices.virtio.VirtioTransport;
import dev.ringzero.devices.virtio.VirtioType;
import dev.ringzero.devices.virtio.queue.DescriptorChain;
import dev.ringzero.devices.virtio.queue.Virtqueue;
import dev.ringzero.engine.state.StateReader;
import dev.ringzero.engine.state.StateWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.EnumMap;
import java.util.Map;

/**
 * A balloon: the host asks the guest to do without so many pages, and their frames come back; the
 * guest also reports pages that are free anyway, and their frames come back until it uses them
 * again. Whatever a page number says, only RAM of this guest is concerned, and what is taken away
 * reads as zeros afterwards.
 *
 * <p>Not modelled: must tell host, free page hints, page poison.
 *
 * @spec Virtual I/O Device (VIRTIO) 1.2, "Traditional Memory Balloon Device"
 */
public final class VirtioBalloon implements VirtioDevice {
  private static final int QUEUE_SIZE = 128;
  private static final int QUEUES = 4;
  private static final int BUFFERS_A_STEP = 16;

  private enum Role {
    INFLATE,
    DEFLATE,
    STATISTICS,
    REPORTING,
    NONE
  }

  /** What each queue is for depends on the features. */
  private volatile Role[] roles = {Role.NONE, Role.NONE, Role.NONE, Role.NONE};

  private final PageNumbers pages = new PageNumbers();
  private final DescriptorChain[] chains = new DescriptorChain[QUEUES];
  private final Map<BalloonStatistic, Long> statistics = new EnumMap<>(BalloonStatistic.class);
  private VirtioTransport transport;
  private volatile int targetPages;
  private volatile int actualPages;

  /** The buffer with statistics is to be given back. */
  private volatile boolean asked;

  private volatile boolean refreshing;
  private volatile boolean driverReady;
  private long inflatedBytes;
  private long reportedBytes;

  /**
   * What came back from the guest.
   *
   * @param driverReady whether the guest has a driver for the balloon
   * @param targetBytes that the guest was asked to do without
   * @param actualBytes that it says it does without
   * @param inflatedBytes of frames that came back through the balloon so far
   * @param reportedBytes of frames that came back as free so far
   */
  public record Figures(
      boolean driverReady,
      long targetBytes,
      long actualBytes,
      long inflatedBytes,
      long reportedBytes,
      Map<BalloonStatistic, Long> statistics) {}

  @Override
  public VirtioType type() {
    return VirtioType.BALLOON;
  }

  @Override
  public long features() {
    return VIRTIO_BALLOON_F_STATS_VQ
        | VIRTIO_BALLOON_F_DEFLATE_ON_OOM
        | VIRTIO_BALLOON_F_PAGE_REPORTING;
  }

  @Override
  public int[] queueSizes() {
    return new int[] {QUEUE_SIZE, QUEUE_SIZE, QUEUE_SIZE, QUEUE_SIZE};
  }

  @Override
  public void connect(VirtioTransport to) {
    transport = to;
    for (int i = 0; i < QUEUES; i++) {
      chains[i] = new DescriptorChain(to.memory());
    }
  }

  /** Asks the guest to do without so many bytes. Any thread. */
  public void target(long bytes) {
    targetPages = (int) Math.clamp(bytes >>> PAGE_SHIFT, 0, Integer.MAX_VALUE);
    transport.configChanged();
  }

  /** Asks the guest for new statistics. Any thread. */
  public void refreshStatistics() {
    for (int i = 0; i < QUEUES; i++) {
      if (roles[i] == Role.STATISTICS) {
        refreshing = true;
        asked = true;
        transport.wake(i);
      }
    }
  }

  /** Whether statistics that were asked for have not come yet. */
  public boolean isRefreshing() {
    return refreshing;
  }

  public synchronized Figures figures() {
    return new Figures(
        driverReady,
        (long) targetPages << PAGE_SHIFT,
        (actualPages & 0xFFFF_FFFFL) << PAGE_SHIFT,
        inflatedBytes,
        reportedBytes,
        Map.copyOf(statistics));
  }

  @Override
  public void activate(long features) {
    Role[] present = {Role.INFLATE, Role.DEFLATE, Role.NONE, Role.NONE};
    int next = 2;
    if ((features & VIRTIO_BALLOON_F_STATS_VQ) != 0) {
      present[next++] = Role.STATISTICS;
    }
    if ((features & VIRTIO_BALLOON_F_PAGE_REPORTING) != 0) {
      present[next] = Role.REPORTING;
    }
    roles = present;
    driverReady = true;
  }

  @Override
  public synchronized void reset() {
    roles = new Role[] {Role.NONE, Role.NONE, Role.NONE, Role.NONE};
    driverReady = false;
    refreshing = false;
    asked = false;
    actualPages = 0;
    statistics.clear();
  }

  @Override
  public boolean process(int index, Virtqueue queue) {
    Role role = roles[index];
    if (role == Role.STATISTICS) {
      takeStatistics(index, queue);
      return false;
    }
    queue.beginTaking();
    DescriptorChain chain = chains[index];
    int left = role == Role.NONE ? 0 : BUFFERS_A_STEP;
    while (left > 0 && queue.take(chain)) {
      left--;
      switch (role) {
        case INFLATE -> inflate(chain);
        case REPORTING -> takeFree(chain);
        case DEFLATE, STATISTICS, NONE -> {}
      }
      queue.complete(chain, 0);
    }
    if (queue.isSignalDue()) {
      transport.signal(index);
    }
    return role != Role.NONE && (left == 0 || queue.endTaking());
  }

  private void inflate(DescriptorChain chain) {
    if (!pages.read(chain)) {
      transport.misused("a list of pages of " + chain.readableBytes() + " bytes");
      return;
    }
    long bytes = pages.reclaim(transport.memory());
    synchronized (this) {
      inflatedBytes += bytes;
    }
  }

  private void takeFree(DescriptorChain chain) {
    long bytes = chain.reclaimWritable();
    synchronized (this) {
      reportedBytes += bytes;
    }
  }

  /** The driver leaves a buffer with us; giving it back asks for a new one. */
  private void takeStatistics(int index, Virtqueue queue) {
    DescriptorChain chain = chains[index];
    queue.beginTaking();
    if (queue.take(chain)) {
      if (asked) {
        asked = false;
        queue.complete(chain, 0);
      } else {
        readStatistics(chain);
        queue.putBack(chain);
        refreshing = false;
      }
    }
    if (queue.isSignalDue()) {
      transport.signal(index);
    }
    queue.endTaking();
  }

  private void readStatistics(DescriptorChain chain) {
    ByteBuffer bytes =
        ByteBuffer.allocate(MOST_STATISTICS * STATISTIC_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    int length = chain.read(0, bytes.array(), 0, bytes.capacity());
    synchronized (this) {
      for (int at = 0; at + STATISTIC_BYTES <= length; at += STATISTIC_BYTES) {
        BalloonStatistic statistic = BalloonStatistic.of(bytes.getShort(at) & 0xFFFF);
        if (statistic != null) {
          statistics.put(statistic, bytes.getLong(at + STATISTIC_VALUE));
        }
      }
    }
  }

  @Override
  public int configBytes() {
    return CONFIG_BYTES;
  }

  @Override
  public long readConfig(int offset, int sizeBytes) {
    long config = targetPages & 0xFFFF_FFFFL | (long) actualPages << 32;
    return config >>> 8 * offset & -1L >>> 64 - 8 * sizeBytes;
  }

  @Override
  public void writeConfig(int offset, int sizeBytes, long value) {
    if (offset == ACTUAL && sizeBytes == Integer.BYTES) {
      actualPages = (int) value;
    }
  }

  @Override
  public synchronized void save(StateWriter out) {
    out.writeInt(targetPages);
    out.writeInt(actualPages);
    out.writeLong(inflatedBytes);
    out.writeLong(reportedBytes);
  }

  @Override
  public synchronized void restore(StateReader in) {
    targetPages = in.readInt();
    actualPages = in.readInt();
    inflatedBytes = in.readLong();
    reportedBytes = in.readLong();
  }
}
