package dev.ringzero.vmm.machine;

import dev.ringzero.devices.virtio.block.VirtioBlock;
import dev.ringzero.images.disk.Disk;
import dev.ringzero.images.disk.DiskImages;
import java.io.IOException;

/** A disk of a machine: the image, open, and the device that shows it to the guest. */
final class DiskDrive implements AutoCloseable {
  private static final int TRANSFER_BYTES = 1 << 16;

  private final Disk disk;
  private final DiskBackend backend;
  private final VirtioBlock device;

  /**
   * Opens the image.
   *
   * @param id by which the machine knows the disk
   * @param queues how many request queues it gets, unless it is told
   * @throws dev.ringzero.images.ImageException if it cannot be opened
   */
  DiskDrive(
      String id, DiskConfiguration configuration, int queues, RoomWatch room, DiskWorkers workers) {
    disk =
        DiskImages.open(
            configuration.file(),
            configuration.readOnly(),
            configuration.format(),
            configuration.backing());
    VirtioBlock.Settings settings =
        new VirtioBlock.Settings(
            configuration.serial().orElse(id),
            configuration.queues().orElse(queues),
            configuration.cache() != DiskCache.WRITETHROUGH,
            TRANSFER_BYTES);
    boolean flushes = configuration.cache() != DiskCache.UNSAFE;
    backend =
        new DiskBackend(
            configuration.file().toString(), disk, flushes, room, workers, System::nanoTime);
    device = new VirtioBlock(backend, settings, room::stalled);
  }

  VirtioBlock device() {
    return device;
  }

  /** Tries again what found no room. */
  void retry() {
    backend.retry();
    device.retry();
  }

  /** Ends what was begun, while no agent steps, so that the device's state is complete. */
  void settle() {
    backend.drain();
    device.settle();
  }

  /** Flushes and unlocks the image. Nothing uses it any more. */
  @Override
  public void close() {
    backend.close();
    try {
      disk.close();
    } catch (IOException e) {
      System.getLogger(DiskDrive.class.getName())
          .log(System.Logger.Level.WARNING, "a disk may lack what was written last: " + e, e);
    }
  }
}
