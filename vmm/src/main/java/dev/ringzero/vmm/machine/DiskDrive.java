package dev.ringzero.vmm.machine;

import dev.ringzero.devices.virtio.block.VirtioBlock;
import dev.ringzero.images.disk.Disk;
import dev.ringzero.images.disk.DiskImages;
import dev.ringzero.vmm.xen.XenDevices;
import java.io.IOException;
import java.nio.file.Path;

/** A disk of a machine: the image, open, and the device that shows it to the guest. */
final class DiskDrive implements AutoCloseable {
  private static final int TRANSFER_BYTES = 1 << 16;

  private final String id;
  private final DiskConfiguration configuration;
  private final Disk disk;
  private final DiskBackend backend;
  private final RoomWatch room;
  private Runnable retryDevice = () -> {};
  private Runnable settleDevice = () -> {};

  /**
   * Opens the image.
   *
   * @param id by which the machine knows the disk
   * @throws dev.ringzero.images.ImageException if it cannot be opened
   */
  DiskDrive(String id, DiskConfiguration configuration, RoomWatch room, DiskWorkers workers) {
    this.id = id;
    this.configuration = configuration;
    this.room = room;
    disk =
        DiskImages.open(
            configuration.file(),
            configuration.readOnly(),
            configuration.format(),
            configuration.backing());
    boolean flushes = configuration.cache() != DiskCache.UNSAFE;
    backend =
        new DiskBackend(
            configuration.file().toString(), disk, flushes, room, workers, System::nanoTime);
  }

  private boolean isWrittenThrough() {
    return configuration.cache() == DiskCache.WRITETHROUGH;
  }

  /**
   * Makes the virtio device.
   *
   * @param queues how many request queues it gets, unless it is told
   */
  VirtioBlock virtio(int queues) {
    VirtioBlock.Settings settings =
        new VirtioBlock.Settings(
            configuration.serial().orElse(id),
            configuration.queues().orElse(queues),
            !isWrittenThrough(),
            TRANSFER_BYTES);
    VirtioBlock device = new VirtioBlock(backend, settings, room::stalled);
    retryDevice = device::retry;
    settleDevice = device::settle;
    return device;
  }

  /** Shows the disk to a paravirtual guest instead. */
  void show(XenDevices guest) {
    retryDevice = guest.disk(backend, isWrittenThrough(), room::stalled)::retry;
  }

  /** Tries again what found no room. */
  void retry() {
    backend.retry();
    retryDevice.run();
  }

  /** Ends what was begun, while no agent steps, so that the device's state is complete. */
  void settle() {
    backend.drain();
    settleDevice.run();
  }

  /** Whether the guest may write it. */
  boolean isWritable() {
    return !disk.isReadOnly();
  }

  /** Writes the content, as it is while the machine stands still, into a new raw disk. */
  void copyTo(Path file) throws IOException {
    new DiskCopy(disk).writeTo(file);
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
