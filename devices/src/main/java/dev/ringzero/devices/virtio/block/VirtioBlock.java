package dev.ringzero.devices.virtio.block;

import static dev.ringzero.devices.virtio.block.BlockProtocol.*;

import dev.ringzero.devices.virtio.VirtioDevice;
import dev.ringzero.devices.virtio.VirtioTransport;
import dev.ringzero.devices.virtio.VirtioType;
import dev.ringzero.devices.virtio.queue.Virtqueue;
import dev.ringzero.engine.state.StateReader;
import dev.ringzero.engine.state.StateWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A virtio disk. Where the host has no room for a write, the queue waits with it and the listener
 * is told; nothing is lost and the guest sees no error.
 *
 * <p>Not modelled: secure erase, lifetime information, zoned disks, resizing.
 *
 * @spec Virtual I/O Device (VIRTIO) 1.2, "Block Device"
 */
public final class VirtioBlock implements VirtioDevice {
  private static final int QUEUE_SIZE = 256;

  /** Header and status take a descriptor each. */
  private static final int MOST_DATA_PIECES = QUEUE_SIZE - 2;

  private static final int PHYSICAL_BLOCK_SHIFT = 3; // 4096 bytes

  private final BlockBackend backend;
  private final Settings settings;
  private final byte[] serial;
  private final BlockQueue[] queues;
  private volatile boolean writeBack;
  private volatile boolean mayChangeCache;

  /** Learns that a queue waits for room at the host. */
  @FunctionalInterface
  public interface StallListener {
    /** Called by an agent; {@link VirtioBlock#retry} makes the queues go on. */
    void stalled();
  }

  /**
   * What a disk is to the guest, apart from its content.
   *
   * @param serial by which the guest knows it, of which it sees 20 bytes
   * @param queues how many request queues it has, from 1
   * @param writeBack whether a write may be acknowledged before it is durable, until the guest says
   *     otherwise; if not, the guest cannot change it
   * @param clusterBytes the size of transfer that the backend does best, a multiple of 4096
   */
  public record Settings(String serial, int queues, boolean writeBack, int clusterBytes) {}

  public VirtioBlock(BlockBackend backend, Settings settings, StallListener stalls) {
    this.backend = backend;
    this.settings = settings;
    this.writeBack = settings.writeBack();
    this.serial = Arrays.copyOf(settings.serial().getBytes(StandardCharsets.US_ASCII), ID_BYTES);
    this.queues = new BlockQueue[settings.queues()];
    for (int i = 0; i < queues.length; i++) {
      this.queues[i] = new BlockQueue(this, backend, i, stalls);
    }
  }

  @Override
  public VirtioType type() {
    return VirtioType.BLOCK;
  }

  @Override
  public long features() {
    long always = VIRTIO_BLK_F_SEG_MAX | VIRTIO_BLK_F_BLK_SIZE | VIRTIO_BLK_F_TOPOLOGY;
    long caching = settings.writeBack() ? VIRTIO_BLK_F_FLUSH | VIRTIO_BLK_F_CONFIG_WCE : 0;
    long several = queues.length > 1 ? VIRTIO_BLK_F_MQ : 0;
    long writing =
        backend.isReadOnly() ? VIRTIO_BLK_F_RO : VIRTIO_BLK_F_DISCARD | VIRTIO_BLK_F_WRITE_ZEROES;
    return always | caching | several | writing;
  }

  @Override
  public int[] queueSizes() {
    int[] sizes = new int[queues.length];
    Arrays.fill(sizes, QUEUE_SIZE);
    return sizes;
  }

  @Override
  public void connect(VirtioTransport transport) {
    for (BlockQueue queue : queues) {
      queue.connect(transport);
    }
  }

  /** Lets queues that wait for room at the host try again. Any thread. */
  public void retry() {
    for (BlockQueue queue : queues) {
      queue.retry();
    }
  }

  /** Gives ended requests back to the driver. Only while nothing is processed or under way. */
  public void settle() {
    for (BlockQueue queue : queues) {
      queue.settle();
    }
  }

  @Override
  public void activate(long features) {
    writeBack &= (features & VIRTIO_BLK_F_FLUSH) != 0;
    mayChangeCache = (features & VIRTIO_BLK_F_CONFIG_WCE) != 0;
  }

  @Override
  public void reset() {
    writeBack = settings.writeBack();
    mayChangeCache = false;
    for (BlockQueue queue : queues) {
      queue.reset();
    }
  }

  @Override
  public boolean process(int index, Virtqueue queue) {
    return queues[index].process(queue);
  }

  /** Whether a write may be acknowledged before it is durable. */
  boolean isWriteBack() {
    return writeBack;
  }

  byte[] serial() {
    return serial;
  }

  @Override
  public int configBytes() {
    return CONFIG_BYTES;
  }

  @Override
  public long readConfig(int offset, int sizeBytes) {
    ByteBuffer config = ByteBuffer.allocate(CONFIG_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    config.putLong(CAPACITY, backend.sizeBytes() / SECTOR_BYTES);
    config.putInt(SEG_MAX, MOST_DATA_PIECES);
    config.putInt(BLK_SIZE, SECTOR_BYTES);
    config.put(PHYSICAL_BLOCK_EXP, (byte) PHYSICAL_BLOCK_SHIFT);
    config.putShort(MIN_IO_SIZE, (short) (1 << PHYSICAL_BLOCK_SHIFT));
    config.putInt(OPT_IO_SIZE, settings.clusterBytes() / SECTOR_BYTES);
    config.put(WRITEBACK, (byte) (writeBack ? 1 : 0));
    config.putShort(NUM_QUEUES, (short) queues.length);
    if (!backend.isReadOnly()) {
      config.putInt(MAX_DISCARD_SECTORS, (int) MOST_DISCARD_SECTORS);
      config.putInt(MAX_DISCARD_SEG, MOST_SEGMENTS);
      config.putInt(DISCARD_SECTOR_ALIGNMENT, 1);
      config.putInt(MAX_WRITE_ZEROES_SECTORS, (int) MOST_ZERO_SECTORS);
      config.putInt(MAX_WRITE_ZEROES_SEG, MOST_SEGMENTS);
      config.put(WRITE_ZEROES_MAY_UNMAP, (byte) 1);
    }
    long value = 0;
    for (int i = 0; i < sizeBytes; i++) {
      value |= (config.get(offset + i) & 0xFFL) << 8 * i;
    }
    return value;
  }

  @Override
  public void writeConfig(int offset, int sizeBytes, long value) {
    if (offset == WRITEBACK && sizeBytes == 1 && mayChangeCache) {
      writeBack = (value & 1) != 0;
    }
  }

  @Override
  public void save(StateWriter out) {
    out.writeBoolean(writeBack);
  }

  @Override
  public void restore(StateReader in) {
    writeBack = in.readBoolean();
  }
}
