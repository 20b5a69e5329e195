package dev.ringzero.vmm.machine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.devices.virtio.block.BlockBackend.Status;
import dev.ringzero.images.disk.Disk;
import dev.ringzero.images.disk.DiskFullException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DiskBackendTest {
  private final BlockingQueue<Boolean> waits = new LinkedBlockingQueue<>();
  private final CountDownLatch retried = new CountDownLatch(1);
  private final RoomWatch room = new RoomWatch("machine", retried::countDown, waits::add);
  private final FakeDisk disk = new FakeDisk();
  private final DiskWorkers workers = new DiskWorkers("machine");
  private final AtomicLong nanos = new AtomicLong();
  private final DiskBackend backend = backend(true);
  private Status status;

  /** A disk of a host that may be full, or broken. */
  private static final class FakeDisk implements Disk {
    boolean full;
    boolean broken;
    int flushes;
    Runnable onRead = () -> {};
    Runnable onFlush = () -> {};

    private void change() throws IOException {
      if (full) {
        throw new DiskFullException("no space", null);
      }
      if (broken) {
        throw new IOException("broken");
      }
    }

    @Override
    public long sizeBytes() {
      return 4096;
    }

    @Override
    public boolean isReadOnly() {
      return false;
    }

    @Override
    public void read(long offset, ByteBuffer into) {
      onRead.run();
    }

    @Override
    public void write(long offset, ByteBuffer from) throws IOException {
      change();
    }

    @Override
    public void flush() throws IOException {
      onFlush.run();
      change();
      flushes++;
    }

    @Override
    public void discard(long offset, long lengthBytes) {}

    @Override
    public void writeZeroes(long offset, long lengthBytes, boolean mayUnmap) throws IOException {
      change();
    }

    @Override
    public void close() {}
  }

  private DiskBackend backend(boolean durable) {
    return new DiskBackend("disk.img", disk, durable, room, workers, nanos::get);
  }

  @AfterEach
  void close() {
    workers.close();
    room.close();
  }

  private Status write() {
    backend.write(0, new ByteBuffer[] {ByteBuffer.allocate(512)}, result -> status = result);
    return status;
  }

  @Test
  void aFullHostMakesTheMachineWaitUntilAWriteIsDone() throws Exception {
    disk.full = true;
    assertThat(write()).isEqualTo(Status.NO_SPACE);
    assertThat(waits.take()).isTrue();
    assertThat(room.reason()).isEqualTo("no space left on the host for disk.img");
    backend.read(0, new ByteBuffer[0], result -> status = result);
    assertThat(room.reason()).isNotEmpty();
    disk.full = false;
    assertThat(write()).isEqualTo(Status.OK);
    assertThat(waits.take()).isFalse();
    assertThat(room.reason()).isEmpty();
  }

  private void read(CountDownLatch done) {
    backend.read(0, new ByteBuffer[] {ByteBuffer.allocate(512)}, result -> done.countDown());
  }

  @Test
  void readsOverlapWhileTheyHaveToWaitForTheHost() throws Exception {
    disk.onRead = () -> nanos.addAndGet(10_000_000);
    for (int i = 0; i < 8; i++) {
      read(new CountDownLatch(1));
    }
    backend.drain();
    CyclicBarrier together = new CyclicBarrier(2);
    disk.onRead =
        () -> {
          try {
            together.await();
          } catch (InterruptedException | BrokenBarrierException e) {
            throw new IllegalStateException(e);
          }
        };
    CountDownLatch done = new CountDownLatch(2);
    read(done);
    read(done);
    done.await();
    backend.drain();
  }

  @Test
  void aFlushBehindThatFindsNoRoomIsTriedAgain() throws Exception {
    disk.onFlush = () -> nanos.addAndGet(10_000_000);
    for (int i = 0; i < 4; i++) {
      backend.flush(result -> status = result);
      assertThat(status).isEqualTo(Status.OK);
    }
    disk.full = true;
    BlockingQueue<Status> ends = new LinkedBlockingQueue<>();
    backend.flush(ends::add);
    assertThat(waits.take()).isTrue();
    retried.await();
    assertThat(ends).isEmpty();
    disk.full = false;
    backend.retry();
    assertThat(ends.take()).isEqualTo(Status.OK);
    assertThat(waits.take()).isFalse();
  }

  @Test
  void aDiskThatIsTakenAwayIsNotWaitedFor() throws Exception {
    disk.full = true;
    write();
    assertThat(waits.take()).isTrue();
    backend.close();
    assertThat(waits.take()).isFalse();
  }

  @Test
  void whatStalledIsTriedAgain() throws Exception {
    room.stalled();
    retried.await();
  }

  @Test
  void anotherFailureIsTheGuestsAndNobodyWaits() {
    disk.broken = true;
    assertThat(write()).isEqualTo(Status.FAILED);
    assertThat(room.reason()).isEmpty();
  }

  @Test
  void anUnsafeDiskIsNotFlushed() {
    backend(false).flush(result -> status = result);
    assertThat(status).isEqualTo(Status.OK);
    assertThat(disk.flushes).isZero();
  }
}
