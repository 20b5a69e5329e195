package dev.ringzero.devices.virtio.block;

import static dev.ringzero.testkit.VirtqueueDriver.readable;
import static dev.ringzero.testkit.VirtqueueDriver.writable;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.devices.virtio.VirtioDriver;
import dev.ringzero.devices.virtio.VirtioFeature;
import dev.ringzero.testkit.SavedState;
import dev.ringzero.testkit.VirtqueueDriver;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class VirtioBlockTest {
  private static final int SIZE = 1 << 20;
  private static final long HEADER = 0x20_0000;
  private static final long DATA = 0x21_0000;
  private static final long STATUS = 0x22_0000;
  private static final int NOT_ANSWERED = 0x7F;

  private static final int IN = 0;
  private static final int OUT = 1;
  private static final int FLUSH = 4;
  private static final int GET_ID = 8;
  private static final int DISCARD = 11;
  private static final int WRITE_ZEROES = 13;

  private static final int OK = 0;
  private static final int FAILED = 1;
  private static final int UNSUPPORTED = 2;

  private static final long FLUSH_FEATURE = 1 << 9;
  private static final long CONFIG_WCE = 1 << 11;
  private static final long USUAL = VirtioFeature.VIRTIO_F_VERSION_1 | FLUSH_FEATURE | CONFIG_WCE;

  private final MemoryDisk disk = new MemoryDisk(SIZE);
  private int stalls;
  private final VirtioBlock block = new VirtioBlock(disk, settings(true), () -> stalls++);
  private final VirtioDriver driver = new VirtioDriver(block);
  private VirtqueueDriver queue;

  @AfterEach
  void close() {
    driver.close();
  }

  private static VirtioBlock.Settings settings(boolean writeBack) {
    return new VirtioBlock.Settings("serial-number", 2, writeBack, 1 << 16);
  }

  private void start() {
    queue = driver.start(USUAL, 16);
  }

  private void header(int type, long sector) {
    driver.memory.write32(HEADER, type);
    driver.memory.write32(HEADER + 4, 0);
    driver.memory.write64(HEADER + 8, sector);
    driver.memory.write8(STATUS, NOT_ANSWERED);
  }

  private int answer() {
    return (int) driver.memory.read8(STATUS);
  }

  private int transfer(int type, long sector, int lengthBytes) {
    submit(type, sector, lengthBytes);
    queue.takeUsed();
    return answer();
  }

  private void submit(int type, long sector, int lengthBytes) {
    header(type, sector);
    VirtqueueDriver.Piece data =
        type == IN || type == GET_ID ? writable(DATA, lengthBytes) : readable(DATA, lengthBytes);
    queue.add(readable(HEADER, 16), data, writable(STATUS, 1));
    driver.kick(0);
  }

  private int segment(int type, long sector, int sectors, int flags) {
    driver.memory.write64(DATA, sector);
    driver.memory.write32(DATA + 8, sectors);
    driver.memory.write32(DATA + 12, flags);
    return transfer(type, 0, 16);
  }

  @Test
  void capacityIsInSectors() {
    assertThat(driver.readConfig(0, 8)).isEqualTo(SIZE / 512);
    assertThat(driver.readConfig(34, 2)).isEqualTo(2);
  }

  @Test
  void whatIsWrittenIsRead() {
    start();
    driver.memory.fill(DATA, 8192, 0x42);
    assertThat(transfer(OUT, 3, 8192)).isEqualTo(OK);
    assertThat(disk.bytes[3 * 512]).isEqualTo((byte) 0x42);
    driver.memory.fill(DATA, 8192, 0);
    assertThat(transfer(IN, 3, 8192)).isEqualTo(OK);
    assertThat(driver.memory.read64(DATA + 8184)).isEqualTo(0x4242_4242_4242_4242L);
  }

  @Test
  void theLengthWrittenIncludesTheStatus() {
    start();
    header(IN, 0);
    int head = queue.add(readable(HEADER, 16), writable(DATA, 1024), writable(STATUS, 1));
    driver.kick(0);
    assertThat(queue.takeUsed()).containsExactly(new VirtqueueDriver.Used(head, 1025));
  }

  @Test
  void theHeaderMayBeSplitAndTheDataInManyPieces() {
    start();
    Arrays.fill(disk.bytes, (byte) 9);
    header(IN, 0);
    queue.add(
        readable(HEADER, 5),
        readable(HEADER + 5, 11),
        writable(DATA, 100),
        writable(DATA + 4096, 412),
        writable(STATUS, 1));
    driver.kick(0);
    assertThat(answer()).isEqualTo(OK);
    assertThat(driver.memory.read8(DATA + 99)).isEqualTo(9);
    assertThat(driver.memory.read8(DATA + 100)).isZero();
    assertThat(driver.memory.read8(DATA + 4096 + 411)).isEqualTo(9);
  }

  @Test
  void accessesBehindTheEndFail() {
    start();
    assertThat(transfer(IN, SIZE / 512 - 1, 1024)).isEqualTo(FAILED);
    assertThat(transfer(OUT, -1, 512)).isEqualTo(FAILED);
    assertThat(transfer(IN, Long.MAX_VALUE, 512)).isEqualTo(FAILED);
    assertThat(transfer(IN, 0, 100)).isEqualTo(FAILED);
    assertThat(disk.requests).isEmpty();
  }

  @Test
  void aReadOnlyDiskIsNotWritten() {
    disk.readOnly = true;
    start();
    assertThat(block.features() & 1 << 5).isNotZero();
    assertThat(transfer(OUT, 0, 512)).isEqualTo(FAILED);
    assertThat(segment(DISCARD, 0, 1, 0)).isEqualTo(FAILED);
    assertThat(disk.requests).isEmpty();
  }

  @Test
  void identificationIsTwentyBytes() {
    start();
    assertThat(transfer(GET_ID, 0, 20)).isEqualTo(OK);
    byte[] id = new byte[13];
    driver.memory.read(DATA, id, 0, 13);
    assertThat(new String(id)).isEqualTo("serial-number");
    assertThat(driver.memory.read8(DATA + 13)).isZero();
  }

  @Test
  void anUnknownRequestIsUnsupported() {
    start();
    assertThat(transfer(99, 0, 512)).isEqualTo(UNSUPPORTED);
  }

  @Test
  void writesAreFlushedWithoutWriteBackCache() {
    start();
    transfer(OUT, 0, 512);
    assertThat(disk.requests).containsExactly("write");
    driver.writeConfig(32, 1, 0);
    transfer(OUT, 0, 512);
    assertThat(disk.requests).containsExactly("write", "write", "flush");
    queue = driver.start(VirtioFeature.VIRTIO_F_VERSION_1, 16);
    transfer(OUT, 0, 512);
    assertThat(disk.requests).endsWith("write", "flush");
  }

  @Test
  void aDiskThatIsWrittenThroughOffersNoCache() {
    VirtioBlock through = new VirtioBlock(disk, settings(false), () -> {});
    assertThat(through.features() & (FLUSH_FEATURE | CONFIG_WCE)).isZero();
    try (VirtioDriver other = new VirtioDriver(through)) {
      queue = other.start(VirtioFeature.VIRTIO_F_VERSION_1, 16);
      other.memory.write32(HEADER, OUT);
      queue.add(readable(HEADER, 16), readable(DATA, 512), writable(STATUS, 1));
      other.kick(0);
      assertThat(disk.requests).containsExactly("write", "flush");
    }
  }

  @Test
  void topologyTellsOfPhysicalBlocksAndGoodTransfers() {
    assertThat(driver.offered() & 1 << 10).isNotZero();
    assertThat(driver.readConfig(20, 4)).isEqualTo(512);
    assertThat(driver.readConfig(24, 1)).isEqualTo(3);
    assertThat(driver.readConfig(26, 2)).isEqualTo(8);
    assertThat(driver.readConfig(28, 4)).isEqualTo(128);
  }

  @Test
  void aFlushReachesTheBackend() {
    start();
    header(FLUSH, 0);
    queue.add(readable(HEADER, 16), writable(STATUS, 1));
    driver.kick(0);
    assertThat(answer()).isEqualTo(OK);
    assertThat(disk.requests).containsExactly("flush");
  }

  @Test
  void discardAndWriteZeroesReachTheBackend() {
    start();
    assertThat(segment(DISCARD, 8, 16, 0)).isEqualTo(OK);
    assertThat(segment(WRITE_ZEROES, 4, 2, 1)).isEqualTo(OK);
    assertThat(segment(WRITE_ZEROES, 4, 2, 0)).isEqualTo(OK);
    assertThat(disk.requests)
        .containsExactly("discard 4096 8192", "zero 2048 1024 true", "zero 2048 1024 false");
  }

  @Test
  void wrongSegmentsChangeNothing() {
    start();
    assertThat(segment(DISCARD, 0, 1, 1)).isEqualTo(UNSUPPORTED);
    assertThat(segment(WRITE_ZEROES, 0, 1, 2)).isEqualTo(UNSUPPORTED);
    assertThat(segment(DISCARD, SIZE / 512, 1, 0)).isEqualTo(FAILED);
    assertThat(segment(DISCARD, 0, -1, 0)).isEqualTo(FAILED);
    assertThat(transfer(DISCARD, 0, 15)).isEqualTo(FAILED);
    assertThat(disk.requests).isEmpty();
  }

  @Test
  void aRequestWithoutHeaderOrStatusStopsTheDevice() {
    start();
    queue.add(readable(HEADER, 8), writable(STATUS, 1));
    driver.kick(0);
    assertThat(driver.needsReset()).isTrue();
    start();
    assertThat(driver.needsReset()).isFalse();
    queue.add(readable(HEADER, 16));
    driver.kick(0);
    assertThat(driver.needsReset()).isTrue();
    assertThat(driver.device.misuses()).isEqualTo(2);
  }

  @Test
  void requestsMayEndLaterAndAResetWaitsForThem() {
    disk.later = true;
    start();
    submit(OUT, 0, 512);
    submit(OUT, 0, 512);
    assertThat(queue.takeUsed()).isEmpty();
    disk.waiting.remove(0).run();
    driver.runner.run();
    assertThat(queue.takeUsed()).hasSize(1);
    driver.status(0);
    assertThat(driver.status()).isNotZero();
    disk.waiting.remove(0).run();
    assertThat(driver.status()).isZero();
    driver.runner.run();
    assertThat(queue.takeUsed()).isEmpty();
  }

  @Test
  void withoutRoomAtTheHostAWriteWaits() {
    disk.answer = BlockBackend.Status.NO_SPACE;
    start();
    submit(OUT, 0, 512);
    assertThat(answer()).isEqualTo(NOT_ANSWERED);
    assertThat(stalls).isEqualTo(1);
    driver.kick(0);
    assertThat(stalls).isEqualTo(1);
    disk.answer = BlockBackend.Status.OK;
    block.retry();
    driver.runner.run();
    assertThat(answer()).isEqualTo(OK);
    assertThat(queue.takeUsed()).hasSize(1);
  }

  @Test
  void aWaitingWriteSurvivesSaveAndRestore() {
    disk.answer = BlockBackend.Status.NO_SPACE;
    start();
    submit(OUT, 0, 512);
    byte[] state = SavedState.of(driver.device);
    disk.answer = BlockBackend.Status.OK;
    assertThat(SavedState.restoredInto(driver.device, state)).isEqualTo(state);
    driver.runner.run();
    assertThat(answer()).isEqualTo(OK);
    assertThat(queue.takeUsed()).hasSize(1);
  }
}
