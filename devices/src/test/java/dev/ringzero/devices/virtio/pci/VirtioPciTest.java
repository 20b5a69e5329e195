package dev.ringzero.devices.virtio.pci;

import static dev.ringzero.testkit.VirtqueueDriver.writable;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.devices.virtio.VirtioDriver;
import dev.ringzero.devices.virtio.VirtioFeature;
import dev.ringzero.devices.virtio.VirtioStatus;
import dev.ringzero.devices.virtio.entropy.VirtioEntropy;
import dev.ringzero.memory.MmioDevice;
import dev.ringzero.testkit.FakeClock;
import dev.ringzero.testkit.RegisterFuzz;
import dev.ringzero.testkit.SavedState;
import dev.ringzero.testkit.VirtqueueDriver;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class VirtioPciTest {
  private static final long DATA = 0x20_0000;
  private static final long WINDOW = 0xD000_0000L;
  private static final long V1 = VirtioFeature.VIRTIO_F_VERSION_1;

  private final VirtioDriver driver =
      new VirtioDriver(new VirtioEntropy(bytes -> Arrays.fill(bytes, (byte) 0x77)));

  @AfterEach
  void close() {
    driver.close();
  }

  @Test
  void theIdentityIsThatOfAModernDevice() {
    assertThat(driver.function().readConfig(0, 4)).isEqualTo(0x1044_1AF4);
    assertThat(driver.function().readConfig(8, 1)).isEqualTo(1);
  }

  @Test
  void featuresThatWereNotOfferedAreRefused() {
    assertThat(driver.negotiate(V1 | 1)).isFalse();
    assertThat(driver.negotiate(V1)).isTrue();
  }

  @Test
  void aDriverWithoutVersion1IsRefused() {
    assertThat(driver.negotiate(VirtioFeature.VIRTIO_F_EVENT_IDX)).isFalse();
  }

  @Test
  void featuresCannotChangeOnceAgreedUpon() {
    driver.negotiate(V1);
    driver.accept(V1 | VirtioFeature.VIRTIO_F_EVENT_IDX);
    driver.writeCommon(8, 4, 0);
    assertThat(driver.readCommon(0x0C, 4)).isZero();
  }

  @Test
  void aDriverIsNotReadyBeforeFeaturesAreAgreedUpon() {
    driver.status(VirtioStatus.ACKNOWLEDGE | VirtioStatus.DRIVER | VirtioStatus.DRIVER_OK);
    assertThat(driver.status()).isEqualTo(VirtioStatus.ACKNOWLEDGE | VirtioStatus.DRIVER);
  }

  @Test
  void statusBitsAreClearedByResetOnly() {
    driver.negotiate(V1);
    driver.status(VirtioStatus.ACKNOWLEDGE);
    assertThat(driver.status() & VirtioStatus.FEATURES_OK).isNotZero();
    driver.status(0);
    assertThat(driver.status()).isZero();
  }

  @Test
  void buffersAreUsedAfterANotification() {
    VirtqueueDriver queue = driver.start(V1, 8);
    int head = queue.add(writable(DATA, 100));
    assertThat(queue.takeUsed()).isEmpty();
    driver.kick(0);
    assertThat(queue.takeUsed()).containsExactly(new VirtqueueDriver.Used(head, 100));
    assertThat(driver.memory.read8(DATA + 99)).isEqualTo(0x77);
    assertThat(driver.memory.read8(DATA + 100)).isZero();
  }

  @Test
  void nothingIsUsedBeforeTheDriverIsReady() {
    driver.negotiate(V1);
    VirtqueueDriver queue = driver.queue(0, 8, VirtioDriver.NO_VECTOR);
    queue.add(writable(DATA, 100));
    driver.kick(0);
    assertThat(queue.takeUsed()).isEmpty();
    driver.ready();
    driver.runner.run();
    assertThat(queue.takeUsed()).hasSize(1);
  }

  @Test
  void nothingIsUsedWhileTheFunctionIsNoBusMaster() {
    VirtqueueDriver queue = driver.start(V1, 8);
    driver.function().writeConfig(4, 2, 2);
    queue.add(writable(DATA, 100));
    driver.kick(0);
    assertThat(queue.takeUsed()).isEmpty();
    driver.function().writeConfig(4, 2, 6);
    driver.runner.run();
    assertThat(queue.takeUsed()).hasSize(1);
  }

  @Test
  void withoutMsixThePinAssertsUntilTheStatusIsRead() {
    VirtqueueDriver queue = driver.start(V1, 8);
    queue.add(writable(DATA, 1));
    driver.kick(0);
    assertThat(driver.wires[1].isAsserted()).isTrue();
    assertThat(driver.readInterruptStatus()).isEqualTo(1);
    assertThat(driver.wires[1].isAsserted()).isFalse();
    assertThat(driver.readInterruptStatus()).isZero();
  }

  @Test
  void withMsixTheVectorOfTheQueueIsSent() {
    driver.useVector(1, 0x41);
    driver.negotiate(V1);
    VirtqueueDriver queue = driver.queue(0, 8, 1);
    driver.ready();
    queue.add(writable(DATA, 1));
    driver.kick(0);
    assertThat(driver.messages).containsExactly(0x41);
    assertThat(driver.wires[1].isAsserted()).isFalse();
  }

  @Test
  void aVectorThatTheDeviceLacksReadsAsNoVector() {
    driver.writeCommon(0x10, 2, 2);
    assertThat(driver.readCommon(0x10, 2)).isEqualTo(VirtioDriver.NO_VECTOR);
    driver.writeCommon(0x10, 2, 1);
    assertThat(driver.readCommon(0x10, 2)).isEqualTo(1);
  }

  @Test
  void aQueueThatTheDeviceLacksHasNoSize() {
    driver.writeCommon(0x16, 2, 1);
    assertThat(driver.readCommon(0x18, 2)).isZero();
  }

  @Test
  void aQueueAtAnImpossiblePlaceStopsTheDevice() {
    long[][] places = {
      {0x10_0008, 0x10_1000, 0x10_2000},
      {0x10_0000, 0x10_1001, 0x10_2000},
      {0x10_0000, 0x10_1000, 0x10_2002},
      {0xFFFF_FFFF_FFFF_F000L, 0x10_1000, 0x10_2000},
      {0x10_0000, 0xD000_0000L, 0x10_2000},
      {0x10_0000, 0x10_1000, (4 << 20) - 8},
    };
    for (long[] place : places) {
      driver.negotiate(V1);
      driver.place(0, 8, VirtioDriver.NO_VECTOR, place[0], place[1], place[2]);
      assertThat(driver.needsReset()).isTrue();
    }
    driver.negotiate(V1);
    driver.place(0, 7, VirtioDriver.NO_VECTOR, 0x10_0000, 0x10_1000, 0x10_2000);
    assertThat(driver.needsReset()).isTrue();
    driver.negotiate(V1);
    driver.place(0, 128, VirtioDriver.NO_VECTOR, 0x10_0000, 0x10_1000, 0x10_2000);
    assertThat(driver.needsReset()).isTrue();
  }

  @Test
  void addressesMayBeWrittenInHalves() {
    driver.writeCommon(0x24, 4, 0x12);
    driver.writeCommon(0x20, 4, 0x3456_7890);
    assertThat(driver.readCommon(0x20, 8)).isEqualTo(0x12_3456_7890L);
    assertThat(driver.readCommon(0x24, 4)).isEqualTo(0x12);
  }

  @Test
  void structuresCanBeReachedThroughConfigurationSpace() {
    int window = 0;
    for (int at = driver.capability(9);
        at != 0;
        at = (int) driver.function().readConfig(at + 1, 1)) {
      if (driver.function().readConfig(at, 1) == 9
          && driver.function().readConfig(at + 3, 1) == 5) {
        window = at;
      }
    }
    driver.function().writeConfig(window + 4, 1, 4);
    driver.function().writeConfig(window + 8, 4, 0x14);
    driver.function().writeConfig(window + 12, 4, 1);
    driver.function().writeConfig(window + 16, 4, 3);
    assertThat(driver.status()).isEqualTo(3);
    assertThat(driver.function().readConfig(window + 16, 1)).isEqualTo(3);
  }

  @Test
  void aFunctionLevelResetForgetsEverything() {
    driver.start(V1, 8);
    int express = driver.capability(0x10);
    driver.function().writeConfig(express + 8, 2, 0x8000);
    driver.enable();
    assertThat(driver.status()).isZero();
    assertThat(driver.readCommon(0x18, 2)).isEqualTo(64);
  }

  @Test
  void stateIsTheSameAfterSaveAndRestore() {
    VirtqueueDriver queue = driver.start(V1 | VirtioFeature.VIRTIO_F_EVENT_IDX, 8);
    queue.add(writable(DATA, 10));
    driver.kick(0);
    byte[] state = SavedState.of(driver.device);
    driver.status(0);
    assertThat(SavedState.restoredInto(driver.device, state)).isEqualTo(state);
    queue.add(writable(DATA, 10));
    driver.kick(0);
    assertThat(queue.takeUsed()).hasSize(2);
  }

  @Test
  void randomAccessesToTheRegistersDoNoHarm() {
    RegisterFuzz fuzz = new RegisterFuzz(7, new FakeClock());
    fuzz.memory(
        new MmioDevice() {
          @Override
          public long read(long offset, int sizeBytes) {
            return driver.bus.read(WINDOW + offset, sizeBytes);
          }

          @Override
          public void write(long offset, int sizeBytes, long value) {
            driver.bus.write(WINDOW + offset, sizeBytes, value);
            driver.runner.run();
          }
        },
        0x40);
    driver.status(0);
    driver.runner.run();
    assertThat(driver.status()).isZero();
  }
}
