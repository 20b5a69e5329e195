package dev.ringzero.vmm.machine;

import dev.ringzero.devices.virtio.block.BlockBackend;
import dev.ringzero.images.disk.Disk;
import dev.ringzero.images.disk.DiskFullException;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A disk image behind a disk device. Requests are done on the thread that makes them. */
final class DiskBackend implements BlockBackend {
  private static final System.Logger LOG = System.getLogger(DiskBackend.class.getName());

  /** Kinds of requests: that one of a kind is done does not say that one of another could be. */
  private enum Kind {
    READ,
    WRITE,
    FLUSH,
    DISCARD,
    NONE
  }

  private final String name;
  private final Disk disk;
  private final boolean flushes;
  private final RoomWatch room;
  private volatile Kind full = Kind.NONE;

  /**
   * Makes a backend.
   *
   * @param name for people, such as the file's
   * @param flushes whether what is flushed becomes durable
   * @param room learns whether the host has room
   */
  DiskBackend(String name, Disk disk, boolean flushes, RoomWatch room) {
    this.name = name;
    this.disk = disk;
    this.flushes = flushes;
    this.room = room;
  }

  @Override
  public long sizeBytes() {
    return disk.sizeBytes();
  }

  @Override
  public boolean isReadOnly() {
    return disk.isReadOnly();
  }

  @Override
  public void read(long offset, ByteBuffer[] into, Completion completion) {
    run(
        Kind.READ,
        completion,
        () -> {
          long at = offset;
          for (ByteBuffer buffer : into) {
            int length = buffer.remaining();
            disk.read(at, buffer);
            at += length;
          }
        });
  }

  @Override
  public void write(long offset, ByteBuffer[] from, Completion completion) {
    run(
        Kind.WRITE,
        completion,
        () -> {
          long at = offset;
          for (ByteBuffer buffer : from) {
            int length = buffer.remaining();
            disk.write(at, buffer);
            at += length;
          }
        });
  }

  @Override
  public void flush(Completion completion) {
    run(Kind.FLUSH, completion, flushes ? disk::flush : () -> {});
  }

  @Override
  public void discard(long offset, long lengthBytes, Completion completion) {
    run(Kind.DISCARD, completion, () -> disk.discard(offset, lengthBytes));
  }

  @Override
  public void writeZeroes(long offset, long lengthBytes, boolean mayUnmap, Completion completion) {
    run(Kind.WRITE, completion, () -> disk.writeZeroes(offset, lengthBytes, mayUnmap));
  }

  private interface Work {
    void run() throws IOException;
  }

  private void run(Kind kind, Completion completion, Work work) {
    Status status;
    try {
      work.run();
      status = Status.OK;
      if (full == kind) {
        hasRoom();
      }
    } catch (DiskFullException e) {
      status = Status.NO_SPACE;
      full = kind;
      room.room(name, false);
    } catch (IOException e) {
      LOG.log(System.Logger.Level.WARNING, name + ": " + e.getMessage(), e);
      status = Status.FAILED;
    }
    completion.done(status);
  }

  private void hasRoom() {
    full = Kind.NONE;
    room.room(name, true);
  }

  /** Nothing is written any more. */
  void close() {
    hasRoom();
  }
}
