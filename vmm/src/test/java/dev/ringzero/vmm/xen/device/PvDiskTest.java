package dev.ringzero.vmm.xen.device;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.devices.virtio.block.BlockBackend;
import dev.ringzero.memory.MachineMemory;
import dev.ringzero.vmm.xen.store.Store;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A disk of a paravirtual guest, to drivers good and bad. */
final class PvDiskTest {
  private static final String FRONT = Store.HOME + "/device/vbd/51712";
  private static final String BACK = "/local/domain/0/backend/vbd/1/51712";
  private static final int RING = 1, DATA = 2, ENTRY = 112;
  private static final int READ = 0, WRITE = 1, FLUSH = 3, DISCARD = 5;
  private static final int SECTORS = 64;

  private final FrontEnd guest = new FrontEnd();
  private final Image image = new Image();
  private int requests;
  private int stalls;
  private final PvDisk disk =
      new PvDisk(guest.store, guest, guest.runner, 0, image, false, () -> stalls++);

  @AfterEach
  void close() {
    guest.close();
  }

  private Optional<String> state() {
    return guest.store.read(BACK + "/state");
  }

  private void connect() {
    guest.write(FRONT, "ring-ref", RING);
    guest.write(FRONT, "event-channel", FrontEnd.PORT);
    guest.write(FRONT, "state", 3);
    assertThat(state()).contains("4");
    guest.write(FRONT, "state", 4);
  }

  private int ask(int operation, long sector, int... segments) {
    ByteBuffer request = FrontEnd.buffer(ENTRY);
    request.put(0, (byte) operation).put(1, (byte) (segments.length / 3));
    request.putLong(8, 0x1234).putLong(16, sector);
    if (operation == DISCARD) {
      request.put(1, (byte) 0).putLong(24, segments[0]);
    }
    for (int i = 0; operation != DISCARD && i < segments.length / 3 && i < 11; i++) {
      request.putInt(24 + i * 8, segments[3 * i]);
      request.put(28 + i * 8, (byte) segments[3 * i + 1]);
      request.put(29 + i * 8, (byte) segments[3 * i + 2]);
    }
    guest.request(RING, ENTRY, request);
    guest.kick();
    if (guest.responses(RING) == requests) {
      return 1; // none yet
    }
    ByteBuffer response = guest.response(RING, ENTRY, requests++);
    assertThat(response.getLong(0)).isEqualTo(0x1234);
    assertThat(response.get(8)).isEqualTo((byte) operation);
    return response.getShort(10);
  }

  @Test
  void sectorsAreReadAndWrittenByPiecesOfPages() {
    connect();
    MachineMemory.write64(guest.frame(DATA) + 512, 0x5566);
    assertThat(ask(WRITE, 3, DATA, 1, 1)).isZero();
    assertThat(ByteBuffer.wrap(image.bytes).get(3 * 512)).isEqualTo((byte) 0x66);
    assertThat(ask(READ, 3, DATA + 1, 7, 7, DATA + 2, 0, 7)).isZero();
    assertThat(MachineMemory.read64(guest.frame(DATA + 1) + 7 * 512)).isEqualTo(0x5566);
    assertThat(ask(FLUSH, 0)).isZero();
    assertThat(ask(DISCARD, 8, 8)).isZero();
    assertThat(image.flushes).isEqualTo(1);
    assertThat(image.discarded).isEqualTo(8 * 512);
  }

  @Test
  void whatLiesOutsideIsAnError() {
    connect();
    assertThat(ask(READ, SECTORS, DATA, 0, 0)).isEqualTo(-1);
    assertThat(ask(READ, SECTORS - 1, DATA, 0, 1)).isEqualTo(-1);
    assertThat(ask(READ, -1, DATA, 0, 0)).isEqualTo(-1);
    assertThat(ask(READ, Long.MAX_VALUE, DATA, 0, 0)).isEqualTo(-1);
    assertThat(ask(READ, 1L << 55, DATA, 0, 0)).isEqualTo(-1);
    assertThat(ask(WRITE, 0, DATA, 0, 8)).isEqualTo(-1);
    assertThat(ask(WRITE, 0, DATA, 5, 4)).isEqualTo(-1);
    assertThat(ask(WRITE, 0, 99, 0, 0)).as("not granted").isEqualTo(-1);
    assertThat(ask(READ, 0, -1, 0, 0)).as("not granted").isEqualTo(-1);
    assertThat(ask(READ, 0)).as("nothing").isEqualTo(-1);
    assertThat(ask(READ, 0, new int[12 * 3])).as("too many pieces").isEqualTo(-1);
    assertThat(ask(DISCARD, 0, SECTORS + 1)).isEqualTo(-1);
    assertThat(ask(77, 0, DATA, 0, 0)).as("no such operation").isEqualTo(-2);
    assertThat(image.bytes).containsOnly(0);
  }

  @Test
  void ringWithPositionsOutOfBoundsIsUsedNoMore() {
    connect();
    MachineMemory.write32(guest.frame(RING), 33);
    guest.kick();
    assertThat(guest.store.read(BACK + "/error")).contains("the ring is out of bounds");
    MachineMemory.write32(guest.frame(RING), 1);
    guest.kick();
    assertThat(guest.responses(RING)).isZero();
    guest.write(FRONT, "state", 6);
    assertThat(guest.mapped()).isEmpty();
    MachineMemory.write32(guest.frame(RING), 0);
    guest.write(FRONT, "state", 1);
    connect();
    assertThat(ask(READ, 0, DATA, 0, 0)).isZero();
  }

  @Test
  void driverThatOffersNothingUsableIsToldSo() {
    guest.write(FRONT, "ring-ref", 99);
    guest.write(FRONT, "event-channel", FrontEnd.PORT);
    guest.write(FRONT, "state", 3);
    assertThat(state()).contains("5");
    guest.write(FRONT, "state", 6);
    guest.write(FRONT, "state", 1);
    assertThat(state()).contains("2");
    guest.write(FRONT, "ring-ref", RING);
    guest.write(FRONT, "event-channel", 77);
    guest.write(FRONT, "state", 3);
    assertThat(state()).contains("5");
    assertThat(guest.mapped()).isEmpty();
    guest.write(FRONT, "ring-ref", "1e9");
    guest.write(FRONT, "state", "x");
    assertThat(guest.mapped()).isEmpty();
  }

  @Test
  void writeThatFindsNoRoomWaitsForIt() {
    connect();
    MachineMemory.write32(guest.frame(RING) + 12, 1); // tell me of the first response
    image.full = true;
    assertThat(ask(WRITE, 0, DATA, 0, 0)).as("no answer yet").isEqualTo(1);
    assertThat(stalls).isEqualTo(1);
    image.full = false;
    disk.retry();
    guest.runner.run();
    assertThat(guest.response(RING, ENTRY, 0).getShort(10)).isZero();
    assertThat(guest.signals).isPositive();
  }

  /** A disk in memory. */
  private static final class Image implements BlockBackend {
    final byte[] bytes = new byte[SECTORS * 512];
    boolean full;
    int flushes;
    long discarded;

    @Override
    public long sizeBytes() {
      return bytes.length;
    }

    @Override
    public boolean isReadOnly() {
      return false;
    }

    @Override
    public void read(long offset, ByteBuffer[] into, Completion completion) {
      int at = (int) offset;
      for (ByteBuffer buffer : into) {
        int length = buffer.remaining();
        buffer.put(bytes, at, length);
        at += length;
      }
      completion.done(Status.OK);
    }

    @Override
    public void write(long offset, ByteBuffer[] from, Completion completion) {
      if (full) {
        completion.done(Status.NO_SPACE);
        return;
      }
      int at = (int) offset;
      for (ByteBuffer buffer : from) {
        int length = buffer.remaining();
        buffer.get(bytes, at, length);
        at += length;
      }
      completion.done(Status.OK);
    }

    @Override
    public void flush(Completion completion) {
      flushes++;
      completion.done(Status.OK);
    }

    @Override
    public void discard(long offset, long lengthBytes, Completion completion) {
      discarded += lengthBytes;
      completion.done(Status.OK);
    }

    @Override
    public void writeZeroes(long offset, long lengthBytes, boolean mayUnmap, Completion done) {
      done.done(Status.OK);
    }
  }
}
