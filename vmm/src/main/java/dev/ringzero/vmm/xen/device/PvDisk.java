package dev.ringzero.vmm.xen.device;

import dev.ringzero.devices.virtio.block.BlockBackend;
import dev.ringzero.engine.AgentRunner;
import dev.ringzero.vmm.xen.store.Store;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * The monitor's half of a disk of a paravirtual guest.
 *
 * <p>Not modelled: indirect segments, persistent grants, several rings, barriers.
 *
 * @spec Xen public/io/blkif.h
 */
public final class PvDisk extends PvDevice {
  private static final int MAJOR = 202;
  private static final int MINORS = 16;
  private static final int SECTOR_BYTES = 512;
  private static final int SECTORS_A_PAGE = 8;
  private static final int REQUEST_BYTES = 112;
  private static final int SEGMENTS = 24;
  private static final int SEGMENT_BYTES = 8;
  private static final int MOST_SEGMENTS = 11;
  private static final int RESPONSE_BYTES = 16;

  private static final int READ = 0;
  private static final int WRITE = 1;
  private static final int FLUSH = 3;
  private static final int DISCARD = 5;
  private static final int OKAY = 0;
  private static final int ERROR = -1;
  private static final int NOT_SUPPORTED = -2;

  private final BlockBackend backend;
  private final boolean flushesWrites;
  private final Runnable stalledListener;
  private final byte[] request = new byte[REQUEST_BYTES];
  private final ByteBuffer fields = ByteBuffer.wrap(request).order(ByteOrder.LITTLE_ENDIAN);
  private final ByteBuffer response =
      ByteBuffer.allocate(RESPONSE_BYTES).order(ByteOrder.LITTLE_ENDIAN);
  private final Queue<Transfer> done = new ConcurrentLinkedQueue<>();
  private SharedRing ring;

  /** What found no room at the host, and waits for it. */
  private volatile Transfer stalled;

  private volatile boolean roomAgain;

  /** A request under way. */
  private final class Transfer {
    final SharedRing ring = PvDisk.this.ring;
    final int operation = request[0];
    final long id = fields.getLong(8);
    final long offset = fields.getLong(16) * SECTOR_BYTES;
    final int[] references = new int[MOST_SEGMENTS];
    final int[] offsets = new int[MOST_SEGMENTS];
    final int[] lengths = new int[MOST_SEGMENTS];
    int segments;
    int bytes;
    long discardBytes;
    byte[] data = {};
    volatile int status;

    /** Whether the request makes sense for this disk. */
    boolean parse() {
      if (operation == DISCARD) {
        long sectors = fields.getLong(24);
        discardBytes = sectors * SECTOR_BYTES;
        return sectors >= 0 && sectors <= Long.MAX_VALUE / SECTOR_BYTES && fits(discardBytes);
      }
      int count = request[1] & 0xFF;
      if (count > MOST_SEGMENTS || operation != FLUSH && count == 0) {
        return false;
      }
      for (; segments < count; segments++) {
        int at = SEGMENTS + segments * SEGMENT_BYTES;
        int first = request[at + 4] & 0xFF;
        int last = request[at + 5] & 0xFF;
        if (first > last || last >= SECTORS_A_PAGE) {
          return false;
        }
        references[segments] = fields.getInt(at);
        offsets[segments] = first * SECTOR_BYTES;
        lengths[segments] = (last - first + 1) * SECTOR_BYTES;
        bytes += lengths[segments];
      }
      return operation == FLUSH || fits(bytes);
    }

    private boolean fits(long lengthBytes) {
      long sector = fields.getLong(16);
      return sector >= 0
          && sector <= Long.MAX_VALUE / SECTOR_BYTES
          && offset <= backend.sizeBytes()
          && lengthBytes <= backend.sizeBytes() - offset;
    }

    /** Copies between the guest's frames and the data; false if it has not granted them. */
    boolean copy(boolean toGuest) {
      int at = 0;
      for (int i = 0; i < segments; i++) {
        boolean copied =
            toGuest
                ? grants.write(references[i], offsets[i], data, at, lengths[i])
                : grants.read(references[i], offsets[i], data, at, lengths[i]);
        if (!copied) {
          return false;
        }
        at += lengths[i];
      }
      return true;
    }

    void ended(BlockBackend.Status how) {
      switch (how) {
        case NO_SPACE -> {
          stalled = this;
          stalledListener.run();
        }
        case OK -> {
          if (operation == WRITE && flushesWrites) {
            backend.flush(flushed -> end(statusOf(flushed)));
          } else {
            end(OKAY);
          }
        }
        default -> end(statusOf(how));
      }
    }

    private void end(int how) {
      status = how;
      done.add(this);
      wake();
    }
  }

  /**
   * Makes a disk and shows it to the guest.
   *
   * @param number of the disk, from 0: xvda
   * @param flushesWrites whether each write is to be durable before it is acknowledged
   * @param stalled told when the host has no room for what the guest writes
   */
  public PvDisk(
      Store store,
      Grants grants,
      AgentRunner runner,
      int number,
      BlockBackend backend,
      boolean flushesWrites,
      Runnable stalled) {
    super(store, grants, "vbd", MAJOR << 8 | number * MINORS);
    this.backend = backend;
    this.flushesWrites = flushesWrites;
    stalledListener = stalled;
    store.give(front + "/virtual-device", Integer.toString(MAJOR << 8 | number * MINORS));
    store.give(front + "/device-type", "disk");
    store.write(back + "/mode", backend.isReadOnly() ? "r" : "w");
    store.write(back + "/feature-flush-cache", flushesWrites ? "0" : "1");
    store.write(back + "/feature-discard", backend.isReadOnly() ? "0" : "1");
    store.write(back + "/discard-granularity", Integer.toString(SECTOR_BYTES));
    store.write(back + "/discard-alignment", "0");
    store.write(back + "/sector-size", Integer.toString(SECTOR_BYTES));
    store.write(back + "/sectors", Long.toString(backend.sizeBytes() / SECTOR_BYTES));
    store.write(back + "/info", backend.isReadOnly() ? "4" : "0");
    show(runner, "xen-disk" + number);
  }

  /** Tries again what found no room. */
  public void retry() {
    roomAgain = true;
    wake();
  }

  @Override
  boolean connect() {
    ring = ring("ring-ref", REQUEST_BYTES).orElse(null);
    return ring != null && openChannel();
  }

  @Override
  boolean isBroken() {
    return ring.isBroken();
  }

  @Override
  void release() {
    ring = null;
  }

  @Override
  boolean work() {
    finish();
    Transfer again = stalled;
    if (again != null && roomAgain) {
      roomAgain = false;
      stalled = null;
      begin(again);
    }
    int waiting = stalled == null ? ring.waiting() : 0;
    for (int i = 0; i < waiting && stalled == null; i++) {
      ring.take(request);
      begin();
    }
    finish();
    return stalled == null && ring.sleep();
  }

  private void finish() {
    for (Transfer ended = done.poll(); ended != null; ended = done.poll()) {
      if (ended.ring == ring) {
        boolean right = ended.status == OKAY && ended.operation == READ;
        respond(ended, right && !ended.copy(true) ? ERROR : ended.status);
      }
    }
    if (ring.publish()) {
      signal();
    }
  }

  private void respond(Transfer ended, int status) {
    response.putLong(0, ended.id).put(8, (byte) ended.operation).putShort(10, (short) status);
    ring.put(response.array());
  }

  private void begin() {
    Transfer transfer = new Transfer();
    boolean known =
        switch (transfer.operation) {
          case READ, WRITE, FLUSH, DISCARD -> true;
          default -> false;
        };
    if (!known) {
      respond(transfer, NOT_SUPPORTED);
      return;
    }
    boolean changes = transfer.operation == WRITE || transfer.operation == DISCARD;
    if (!transfer.parse() || changes && backend.isReadOnly()) {
      respond(transfer, ERROR);
      return;
    }
    transfer.data = new byte[transfer.bytes];
    if (transfer.operation == WRITE && !transfer.copy(false)) {
      respond(transfer, ERROR);
      return;
    }
    begin(transfer);
  }

  private void begin(Transfer transfer) {
    ByteBuffer[] data = {ByteBuffer.wrap(transfer.data)};
    switch (transfer.operation) {
      case READ -> backend.read(transfer.offset, data, transfer::ended);
      case WRITE -> backend.write(transfer.offset, data, transfer::ended);
      case FLUSH -> backend.flush(transfer::ended);
      default -> backend.discard(transfer.offset, transfer.discardBytes, transfer::ended);
    }
  }

  private static int statusOf(BlockBackend.Status how) {
    return switch (how) {
      case OK -> OKAY;
      case UNSUPPORTED -> NOT_SUPPORTED;
      case FAILED, NO_SPACE -> ERROR;
    };
  }
}
