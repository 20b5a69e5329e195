package dev.ringzero.devices.virtio.block;

import static dev.ringzero.devices.virtio.block.BlockProtocol.*;

import dev.ringzero.devices.virtio.VirtioTransport;
import dev.ringzero.devices.virtio.block.BlockBackend.Status;
import dev.ringzero.devices.virtio.queue.DescriptorChain;
import dev.ringzero.devices.virtio.queue.PinnedBuffers;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** One request of a driver on its way through the backend; used again for the next. */
final class BlockRequest implements BlockBackend.Completion {
  private final BlockQueue queue;
  private final VirtioBlock disk;
  private final BlockBackend backend;
  private final VirtioTransport transport;
  private final DescriptorChain chain;
  private final ByteBuffer header =
      ByteBuffer.allocate(HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
  private final ByteBuffer segments =
      ByteBuffer.allocate(MOST_SEGMENTS * SEGMENT_BYTES).order(ByteOrder.LITTLE_ENDIAN);
  private final byte[] statusByte = new byte[1];

  private PinnedBuffers pinned;
  private int type;
  private boolean flushAfterwards;
  private boolean starting;
  private Status immediate;
  private long writtenBytes;

  BlockRequest(
      BlockQueue queue, VirtioBlock disk, BlockBackend backend, VirtioTransport transport) {
    this.queue = queue;
    this.disk = disk;
    this.backend = backend;
    this.transport = transport;
    this.chain = new DescriptorChain(transport.memory());
  }

  DescriptorChain chain() {
    return chain;
  }

  long writtenBytes() {
    return writtenBytes;
  }

  /** Starts the request; returns {@link Status#NO_SPACE} if it has to be started again later. */
  Status start() {
    if (chain.readableBytes() < HEADER_BYTES || chain.writableBytes() < 1) {
      transport.misused("a disk request without header or without room for its status");
      writtenBytes = 0;
      queue.ended(this);
      return Status.FAILED;
    }
    chain.read(0, header.array(), 0, HEADER_BYTES);
    type = header.getInt(0);
    flushAfterwards = false;
    synchronized (this) {
      immediate = null;
      starting = true;
    }
    dispatch(header.getLong(SECTOR));
    Status status;
    synchronized (this) {
      starting = false;
      status = immediate;
    }
    if (status == Status.NO_SPACE) {
      unpin();
    } else if (status != null) {
      end(status);
    }
    return status;
  }

  private void dispatch(long sector) {
    switch (type) {
      case VIRTIO_BLK_T_IN -> read(sector);
      case VIRTIO_BLK_T_OUT -> write(sector);
      case VIRTIO_BLK_T_FLUSH -> backend.flush(this);
      case VIRTIO_BLK_T_GET_ID -> identify();
      case VIRTIO_BLK_T_DISCARD, VIRTIO_BLK_T_WRITE_ZEROES -> readSegments();
      default -> done(Status.UNSUPPORTED);
    }
  }

  private boolean isOnDisk(long sector, long lengthBytes) {
    long sectors = backend.sizeBytes() / SECTOR_BYTES;
    return lengthBytes % SECTOR_BYTES == 0
        && sector >= 0
        && sector <= sectors
        && lengthBytes / SECTOR_BYTES <= sectors - sector;
  }

  private void read(long sector) {
    long length = chain.writableBytes() - 1;
    if (!isOnDisk(sector, length)) {
      done(Status.FAILED);
      return;
    }
    pinned = chain.pinWritable(0, length);
    backend.read(sector * SECTOR_BYTES, pinned.buffers(), this);
  }

  private void write(long sector) {
    long length = chain.readableBytes() - HEADER_BYTES;
    if (backend.isReadOnly() || !isOnDisk(sector, length)) {
      done(Status.FAILED);
      return;
    }
    flushAfterwards = !disk.isWriteBack();
    pinned = chain.pinReadable(HEADER_BYTES, length);
    backend.write(sector * SECTOR_BYTES, pinned.buffers(), this);
  }

  private void identify() {
    int length = (int) Math.min(ID_BYTES, chain.writableBytes() - 1);
    chain.write(0, disk.serial(), 0, length);
    done(Status.OK);
  }

  private void readSegments() {
    long length = chain.readableBytes() - HEADER_BYTES;
    boolean fits = length > 0 && length <= segments.capacity() && length % SEGMENT_BYTES == 0;
    if (backend.isReadOnly() || !fits) {
      done(Status.FAILED);
      return;
    }
    segments.clear().limit((int) length);
    chain.read(HEADER_BYTES, segments.array(), 0, (int) length);
    Status refusal = refusal();
    if (refusal != null) {
      done(refusal);
      return;
    }
    flushAfterwards = !disk.isWriteBack();
    nextSegment();
  }

  /** What is wrong with any of the segments, before something is done for one of them. */
  private Status refusal() {
    boolean zeroes = type == VIRTIO_BLK_T_WRITE_ZEROES;
    for (int at = 0; at < segments.limit(); at += SEGMENT_BYTES) {
      long sectors = segments.getInt(at + SEGMENT_SECTORS) & 0xFFFF_FFFFL;
      if ((segments.getInt(at + SEGMENT_FLAGS) & ~(zeroes ? UNMAP : 0)) != 0) {
        return Status.UNSUPPORTED;
      }
      if (sectors > (zeroes ? MOST_ZERO_SECTORS : MOST_DISCARD_SECTORS)
          || !isOnDisk(segments.getLong(at), sectors * SECTOR_BYTES)) {
        return Status.FAILED;
      }
    }
    return null;
  }

  private void nextSegment() {
    long offset = segments.getLong() * SECTOR_BYTES;
    long length = (segments.getInt() & 0xFFFF_FFFFL) * SECTOR_BYTES;
    boolean unmap = (segments.getInt() & UNMAP) != 0;
    if (type == VIRTIO_BLK_T_DISCARD) {
      backend.discard(offset, length, this);
    } else {
      backend.writeZeroes(offset, length, unmap, this);
    }
  }

  private boolean hasSegments() {
    return (type == VIRTIO_BLK_T_DISCARD || type == VIRTIO_BLK_T_WRITE_ZEROES)
        && segments.hasRemaining();
  }

  @Override
  public void done(Status status) {
    if (status == Status.OK && hasSegments()) {
      nextSegment();
    } else if (status == Status.OK && flushAfterwards) {
      flushAfterwards = false;
      backend.flush(this);
    } else if (!endsInStart(status)) {
      end(status);
    }
  }

  private synchronized boolean endsInStart(Status status) {
    if (starting) {
      immediate = status;
    }
    return starting;
  }

  private void end(Status status) {
    unpin();
    statusByte[0] =
        switch (status) {
          case OK -> VIRTIO_BLK_S_OK;
          case UNSUPPORTED -> VIRTIO_BLK_S_UNSUPP;
          case FAILED, NO_SPACE -> VIRTIO_BLK_S_IOERR;
        };
    long data = chain.writableBytes() - 1;
    chain.write(data, statusByte, 0, 1);
    writtenBytes = status == Status.OK || data == 0 ? chain.writableBytes() : 0;
    queue.ended(this);
  }

  private void unpin() {
    if (pinned != null) {
      pinned.close();
      pinned = null;
    }
  }
}
