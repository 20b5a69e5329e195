package dev.ringzero.vmm.machine;

import dev.ringzero.devices.virtio.block.BlockBackend;
import dev.ringzero.images.disk.Disk;
import dev.ringzero.images.disk.DiskFullException;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A disk image behind a disk device. Requests are done on the thread that makes them. */
final class DiskBackend implements BlockBackend {
  private static final System.Logger LOG = System.getLogger(DiskBackend.class.getName());

  private final String name;
  private final Disk disk;
  private final boolean flushes;

  /**
   * Makes a backend.
   *
   * @param flushes whether what is flushed becomes durable
   */
  DiskBackend(String name, Disk disk, boolean flushes) {
    this.name = name;
    this.disk = disk;
    this.flushes = flushes;
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
    run(completion, flushes ? disk::flush : () -> {});
  }

  @Override
  public void discard(long offset, long lengthBytes, Completion completion) {
    run(completion, () -> disk.discard(offset, lengthBytes));
  }

  @Override
  public void writeZeroes(long offset, long lengthBytes, boolean mayUnmap, Completion completion) {
    run(completion, () -> disk.writeZeroes(offset, lengthBytes, mayUnmap));
  }

  private interface Work {
    void run() throws IOException;
  }

  private void run(Completion completion, Work work) {
    Status status;
    try {
      work.run();
      status = Status.OK;
    } catch (DiskFullException e) {
      status = Status.NO_SPACE;
    } catch (IOException e) {
      LOG.log(System.Logger.Level.WARNING, name + ": " + e.getMessage(), e);
      status = Status.FAILED;
    }
    completion.done(status);
  }
}
