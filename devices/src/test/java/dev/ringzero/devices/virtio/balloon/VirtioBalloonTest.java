package dev.ringzero.devices.virtio.balloon;

import static dev.ringzero.testkit.VirtqueueDriver.readable;
import static dev.ringzero.testkit.VirtqueueDriver.writable;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.devices.virtio.VirtioDriver;
import dev.ringzero.devices.virtio.VirtioFeature;
import dev.ringzero.testkit.SavedState;
import dev.ringzero.testkit.VirtqueueDriver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class VirtioBalloonTest {
  private static final long STATISTICS = 1 << 1;
  private static final long REPORTING = 1 << 5;
  private static final long BASE = VirtioFeature.VIRTIO_F_VERSION_1;
  private static final int INFLATE = 0;
  private static final int DEFLATE = 1;
  private static final long LIST = 0x20_0000;
  private static final long PAGE = 0x30_0000;

  private final VirtioBalloon balloon = new VirtioBalloon();
  private final VirtioDriver driver = new VirtioDriver(balloon);
  private final VirtqueueDriver[] queues = new VirtqueueDriver[4];

  @AfterEach
  void close() {
    driver.close();
  }

  private void start(long features) {
    assertThat(driver.negotiate(BASE | features)).isTrue();
    for (int i = 0; i < queues.length; i++) {
      queues[i] = driver.queue(i, 16, VirtioDriver.NO_VECTOR);
    }
    driver.ready();
  }

  private void send(int queue, int... pages) {
    for (int i = 0; i < pages.length; i++) {
      driver.memory.write32(LIST + 4L * i, pages[i]);
    }
    queues[queue].add(readable(LIST, 4 * pages.length));
    driver.kick(queue);
    assertThat(queues[queue].takeUsed()).hasSize(1);
  }

  private static int number(long gpa) {
    return (int) (gpa >>> 12);
  }

  @Test
  void theGuestIsToldWhatToDoWithout() {
    start(0);
    balloon.target(10 << 12);
    assertThat(driver.readConfig(0, 4)).isEqualTo(10);
    driver.writeConfig(4, 4, 10);
    assertThat(driver.readConfig(4, 4)).isEqualTo(10);
    assertThat(balloon.figures().actualBytes()).isEqualTo(10 << 12);
    assertThat(balloon.figures().driverReady()).isTrue();
  }

  @Test
  void framesOfInflatedPagesComeBackAndReadAsZerosAfterwards() {
    start(0);
    driver.memory.fill(PAGE, 3 << 12, 0x55);
    long given = driver.memory.statistics().framesGiven();
    send(INFLATE, number(PAGE + 0x1000), number(PAGE));
    assertThat(driver.memory.statistics().framesGiven()).isEqualTo(given - 2);
    assertThat(balloon.figures().inflatedBytes()).isEqualTo(2 << 12);
    send(DEFLATE, number(PAGE), number(PAGE + 0x1000));
    assertThat(driver.memory.read64(PAGE)).isZero();
    assertThat(driver.memory.read64(PAGE + 0x2000)).isEqualTo(0x5555_5555_5555_5555L);
  }

  @Test
  void hostilePageNumbersDoNoHarm() {
    start(0);
    send(INFLATE, -1, 0, 0x7FFF_FFFF, 0x8000_0000, number(64L << 20), 0xA0, -1, -2);
    send(INFLATE, number(LIST), number(LIST));
    send(DEFLATE, -1, 5);
    assertThat(driver.needsReset()).isFalse();
  }

  @Test
  void aListThatIsNoneStopsTheDevice() {
    start(0);
    queues[INFLATE].add(readable(LIST, 6));
    driver.kick(INFLATE);
    assertThat(driver.needsReset()).isTrue();
    start(0);
    queues[INFLATE].add(readable(LIST, 1 << 17));
    driver.kick(INFLATE);
    assertThat(driver.needsReset()).isTrue();
  }

  @Test
  void pagesReportedAsFreeComeBack() {
    start(REPORTING);
    driver.memory.fill(PAGE, 0x10_0000, 0x55);
    queues[2].add(writable(PAGE + 100, 0x8_0000), writable(PAGE + 0xF_0000, 0x1_0000));
    driver.kick(2);
    assertThat(queues[2].takeUsed()).hasSize(1);
    assertThat(balloon.figures().reportedBytes()).isEqualTo(0x7_F000 + 0x1_0000);
    assertThat(driver.memory.read64(PAGE)).isEqualTo(0x5555_5555_5555_5555L);
    assertThat(driver.memory.read64(PAGE + 0x1000)).isZero();
    assertThat(driver.memory.read64(PAGE + 0xF_0000)).isZero();
  }

  @Test
  void wholeLargePagesComeBackAsOne() {
    start(REPORTING);
    driver.memory.fill(PAGE, 64, 0x55);
    long given = driver.memory.statistics().framesGiven();
    queues[2].add(writable(0x20_0000, 0x20_0000));
    driver.kick(2);
    assertThat(driver.memory.statistics().framesGiven()).isEqualTo(given - 512);
    assertThat(driver.memory.read64(PAGE)).isZero();
    driver.memory.write64(PAGE, 1);
    assertThat(driver.memory.statistics().framesGiven()).isEqualTo(given);
  }

  @Test
  void statisticsAreReadAndAskedForByGivingTheBufferBack() {
    start(STATISTICS | REPORTING);
    statistics(4, 1000, 99, 7);
    assertThat(balloon.figures().statistics()).containsEntry(BalloonStatistic.FREE, 1000L);
    assertThat(queues[2].takeUsed()).isEmpty();
    balloon.refreshStatistics();
    driver.runner.run();
    assertThat(balloon.isRefreshing()).isTrue();
    assertThat(queues[2].takeUsed()).hasSize(1);
    statistics(4, 2000, 5, 3000);
    assertThat(balloon.isRefreshing()).isFalse();
    assertThat(balloon.figures().statistics())
        .containsEntry(BalloonStatistic.FREE, 2000L)
        .containsEntry(BalloonStatistic.TOTAL, 3000L)
        .hasSize(2);
  }

  private void statistics(int tag, long value, int otherTag, long otherValue) {
    driver.memory.write16(LIST, tag);
    driver.memory.write64(LIST + 2, value);
    driver.memory.write16(LIST + 10, otherTag);
    driver.memory.write64(LIST + 12, otherValue);
    queues[2].add(readable(LIST, 20));
    driver.kick(2);
  }

  @Test
  void stateSurvives() {
    start(STATISTICS);
    balloon.target(5 << 12);
    driver.writeConfig(4, 4, 5);
    byte[] state = SavedState.of(driver.device);
    assertThat(SavedState.restoredInto(driver.device, state)).isEqualTo(state);
  }
}
