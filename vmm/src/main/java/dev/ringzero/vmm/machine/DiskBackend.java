package dev.ringzero.vmm.machine;

import dev.ringzero.devices.virtio.block.BlockBackend;
import dev.ringzero.images.disk.Disk;
import dev.ringzero.images.disk.DiskFullException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * A disk image behind a disk device. Requests are done on the thread that makes them, but reads and
 * flushes by others while these have to wait for the host's storage, so that they overlap.
 */
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
  private final boolean durable;
  private final RoomWatch room;
  private final DiskWorkers workers;
  private final LongSupplier nanoTime;
  private final Pace reads = new Pace();
  private final Pace flushes = new Pace();

  /** Flushes that found no room, to be tried again; guarded by itself. */
  private final List<Completion> parked = new ArrayList<>();

  private volatile Kind full = Kind.NONE;

  /**
   * Makes a backend.
   *
   * @param name for people, such as the file's
   * @param durable whether what is flushed becomes durable
   * @param room learns whether the host has room
   * @param workers who wait for the host's storage
   * @param nanoTime time of the host
   */
  DiskBackend(
      String name,
      Disk disk,
      boolean durable,
      RoomWatch room,
      DiskWorkers workers,
      LongSupplier nanoTime) {
    this.name = name;
    this.disk = disk;
    this.durable = durable;
    this.room = room;
    this.workers = workers;
    this.nanoTime = nanoTime;
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
    if (reads.isForOthers()) {
      workers.execute(() -> completion.done(readNow(offset, into)));
      return;
    }
    long bytes = 0;
    for (ByteBuffer buffer : into) {
      bytes += buffer.remaining();
    }
    long began = nanoTime.getAsLong();
    Status status = readNow(offset, into);
    reads.took(nanoTime.getAsLong() - began, bytes);
    completion.done(status);
  }

  private Status readNow(long offset, ByteBuffer[] into) {
    return attempt(Kind.READ, () -> disk.read(offset, into));
  }

  @Override
  public void write(long offset, ByteBuffer[] from, Completion completion) {
    run(Kind.WRITE, completion, () -> disk.write(offset, from));
  }

  @Override
  public void flush(Completion completion) {
    if (!durable) {
      completion.done(Status.OK);
    } else if (flushes.isForOthers()) {
      workers.execute(() -> flushBehind(completion));
    } else {
      long began = nanoTime.getAsLong();
      Status status = flushNow();
      flushes.took(nanoTime.getAsLong() - began, 0);
      completion.done(status);
    }
  }

  private Status flushNow() {
    return attempt(Kind.FLUSH, disk::flush);
  }

  /** Only inside the call may want of room be answered; later it is waited for here. */
  private void flushBehind(Completion completion) {
    Status status = flushNow();
    if (status != Status.NO_SPACE) {
      completion.done(status);
      return;
    }
    synchronized (parked) {
      parked.add(completion);
    }
    room.stalled();
  }

  /** Tries again what found no room. */
  void retry() {
    for (Completion completion : takeParked()) {
      workers.execute(() -> flushBehind(completion));
    }
  }

  private List<Completion> takeParked() {
    synchronized (parked) {
      List<Completion> taken = List.copyOf(parked);
      parked.clear();
      return taken;
    }
  }

  /** Waits until nothing is done by others any more. */
  void drain() {
    workers.drain();
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
    completion.done(attempt(kind, work));
  }

  private Status attempt(Kind kind, Work work) {
    try {
      work.run();
      if (full == kind) {
        hasRoom();
      }
      return Status.OK;
    } catch (DiskFullException e) {
      full = kind;
      room.room(name, false);
      return Status.NO_SPACE;
    } catch (IOException | RuntimeException e) {
      LOG.log(System.Logger.Level.WARNING, name + ": " + e.getMessage(), e);
      return Status.FAILED;
    }
  }

  private void hasRoom() {
    full = Kind.NONE;
    room.room(name, true);
  }

  /** Nothing is written any more; what waits for room fails. */
  void close() {
    drain();
    takeParked().forEach(completion -> completion.done(Status.FAILED));
    hasRoom();
  }
}
