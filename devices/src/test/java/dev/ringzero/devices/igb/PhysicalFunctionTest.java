package dev.ringzero.devices.igb;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.testkit.SavedState;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class PhysicalFunctionTest {
  private static final int TRANSMIT_TAIL = Register.TX_QUEUE + Register.TAIL;
  private final TestCard card = new TestCard(0);
  private final TestCard.Function driver = card.pf;

  @AfterEach
  void close() {
    card.close();
  }

  private static byte[] frame(int length) {
    byte[] payload = new byte[length - 14];
    new Random(length).nextBytes(payload);
    return TestCard.frame(TestCard.MAC, 0x02_00_00_00_00_01L, 0x88B5, payload);
  }

  private int eeprom(int word) {
    driver.write(Register.EERD, word << 2 | 1);
    assertThat(driver.read(Register.EERD) & 2).isEqualTo(2);
    return driver.read(Register.EERD) >>> 16;
  }

  private int phy(int register) {
    driver.write(Register.MDIC, 2 << 26 | 1 << 21 | register << 16);
    return driver.read(Register.MDIC) & 0xFFFF;
  }

  @Test
  void eepromHasTheAddressAndTheRightSum() {
    int sum = 0;
    for (int word = 0; word <= 0x3F; word++) {
      sum += eeprom(word);
    }
    assertThat(sum & 0xFFFF).isEqualTo(0xBABA);
    assertThat(eeprom(0)).isEqualTo(0x5452);
    assertThat(eeprom(2)).isEqualTo(0x5634);
    driver.write(Register.EERD, 0x3FFF << 2 | 1);
    assertThat(driver.read(Register.EERD) & 2).isZero();
  }

  @Test
  void linkFollowsCableDriverAndTransceiver() {
    assertThat(driver.read(Register.STATUS) & 2).isZero();
    card.start();
    assertThat(driver.read(Register.STATUS) & 2).isEqualTo(2);
    assertThat(phy(1) & 4).isEqualTo(4);
    driver.read(Register.ICR);
    card.wire.carrier.carrier(false);
    assertThat(driver.read(Register.STATUS) & 2).isZero();
    assertThat(phy(1) & 4).isZero();
    assertThat(driver.read(Register.ICR)).isEqualTo(Cause.LSC);
    card.wire.carrier.carrier(true);
    driver.write(Register.MDIC, 1 << 26 | 1 << 21 | 1 << 11);
    assertThat(driver.read(Register.STATUS) & 2).isZero();
    driver.write(Register.MDIC, 2 << 26 | 2 << 21);
    assertThat(driver.read(Register.MDIC) & 1 << 30).as("no such transceiver").isNotZero();
  }

  @Test
  void framesGoOutAsTheyAreAndDescriptorsComeBack() {
    card.start();
    driver.openTransmitQueue();
    driver.frame(frame(60), 0, 0);
    driver.frame(frame(1514), 0, 0);
    driver.send();
    card.runner.run();
    assertThat(card.wire.sent).containsExactly(frame(60), frame(1514));
    assertThat(driver.isDone(0)).isTrue();
    assertThat(driver.isDone(1)).isTrue();
    assertThat(driver.read(Register.TX_QUEUE + Register.HEAD)).isEqualTo(2);
    assertThat(driver.read(0x4080)).as("good packets sent").isEqualTo(2);
    assertThat(driver.read(0x4080)).as("cleared by reading").isZero();
  }

  @Test
  void framesThatAreTooLongForTheWireOrTooShortAreNotSent() {
    card.start();
    driver.openTransmitQueue();
    driver.frame(frame(1519), 0, 0);
    driver.frame(new byte[13], 0, 0);
    driver.frame(frame(20), 0, 0);
    driver.send();
    card.runner.run();
    assertThat(card.wire.sent).hasSize(1);
    assertThat(card.wire.sent.getFirst()).as("padded").hasSize(60).startsWith(frame(20));
  }

  @Test
  void nothingIsSentOrReceivedByAQueueThatIsOff() {
    card.start();
    driver.openTransmitQueue();
    driver.openReceiveQueue(8);
    driver.write(Register.TX_QUEUE + Register.DCTL, 0);
    driver.closeReceiveQueue();
    driver.frame(frame(60), 0, 0);
    driver.send();
    card.arrives(frame(60));
    assertThat(card.wire.sent).isEmpty();
    assertThat(driver.receive()).isNull();
  }

  @Test
  void framesForTheAddressArriveAndOthersDoNot() {
    card.start();
    driver.openReceiveQueue(8);
    card.arrives(TestCard.frame(0x02_00_00_00_00_99L, 1, 0x88B5, new byte[46]));
    assertThat(driver.receive()).isNull();
    card.arrives(frame(100));
    assertThat(driver.receive()).isEqualTo(frame(100));
    card.arrives(TestCard.frame(FrameHeaders.BROADCAST, 1, 0x88B5, new byte[46]));
    assertThat(driver.receive()).hasSize(60);
    assertThat(driver.read(0x4074)).as("good packets received").isEqualTo(2);
    assertThat(driver.read(0x40D0)).as("packets received").isEqualTo(3);
  }

  @Test
  void multicastGoesThroughTheHashTable() {
    card.start();
    driver.openReceiveQueue(8);
    byte[] frame = TestCard.frame(0x01_00_5E_00_00_FBL, 1, 0x88B5, new byte[46]);
    card.arrives(frame);
    assertThat(driver.receive()).isNull();
    int hash = 0xFB00 >>> 4;
    driver.write(Register.MTA + (hash >>> 5 << 2), 1 << hash);
    card.arrives(frame);
    assertThat(driver.receive()).isEqualTo(frame);
  }

  @Test
  void longFramesFillSeveralBuffers() {
    card.start();
    driver.openReceiveQueue(8);
    card.arrives(frame(5000));
    assertThat(driver.receive()).isEqualTo(frame(5000));
    assertThat(driver.read(Register.RX_QUEUE + Register.HEAD)).isEqualTo(3);
  }

  @Test
  void framesWaitForBuffers() {
    card.start();
    driver.openReceiveQueue(0);
    for (int i = 0; i < 5; i++) {
      card.arrives(frame(100 + i));
    }
    assertThat(driver.receive()).isNull();
    driver.write(Register.RX_QUEUE + Register.TAIL, 10);
    card.runner.run();
    for (int i = 0; i < 5; i++) {
      assertThat(driver.receive()).isEqualTo(frame(100 + i));
    }
  }

  @Test
  void loopbackInTheTransceiverBringsFramesBack() {
    card.start();
    driver.openReceiveQueue(8);
    driver.openTransmitQueue();
    driver.write(Register.MDIC, 1 << 26 | 1 << 21 | 0x4140);
    driver.frame(frame(200), 0, 0);
    driver.send();
    card.runner.run();
    assertThat(driver.receive()).isEqualTo(frame(200));
    assertThat(card.wire.sent).isEmpty();
  }

  @Test
  void resetStopsQueuesAndForgetsFilters() {
    card.start();
    driver.openReceiveQueue(8);
    driver.write(Register.MTA, 7);
    driver.write(Register.CTRL, 1 << 26);
    assertThat(driver.read(Register.CTRL) & 1 << 26).isZero();
    assertThat(driver.read(Register.MTA)).isZero();
    assertThat(driver.read(Register.RX_QUEUE + Register.DCTL) & 1 << 25).isZero();
    card.start();
    card.arrives(frame(60));
    assertThat(driver.receive()).isNull();
    assertThat(card.controller.mac()).isEqualTo(TestCard.MAC);
  }

  @Test
  void descriptorsOutsideOfMemoryAndIndexesOutOfRangeAreSurvived() {
    card.start();
    driver.openTransmitQueue();
    driver.write(TRANSMIT_TAIL, 0xFFFF);
    card.runner.run();
    driver.write(Register.TX_QUEUE + Register.BAH, 0x7FFF_FFFF);
    driver.write(TRANSMIT_TAIL, 5);
    card.runner.run();
    driver.write(Register.TX_QUEUE + Register.LEN, 0);
    driver.write(TRANSMIT_TAIL, 1);
    card.runner.run();
    assertThat(card.wire.sent).isEmpty();
  }

  @Test
  void packetsWithoutAnEndAreGivenUp() {
    card.start();
    driver.openTransmitQueue();
    driver.write(Register.TX_QUEUE + Register.LEN, 16 * 256);
    for (int i = 0; i < 200; i++) {
      driver.memory.write64(0x1_0000 + 16 * i, 0x10_0000);
      driver.memory.write64(0x1_0000 + 16 * i + 8, 100 | 3 << 20 | 1 << 29);
    }
    driver.write(TRANSMIT_TAIL, 200);
    card.runner.run();
    assertThat(card.wire.sent).isEmpty();
    assertThat(driver.read(Register.TX_QUEUE + Register.HEAD)).isEqualTo(160);
  }

  @Test
  void stateIsRestored() {
    card.start();
    driver.openReceiveQueue(8);
    driver.context(0x1234_0000L | 14 << 9 | 20, 0);
    driver.openTransmitQueue();
    driver.send();
    card.runner.run();
    byte[] state = SavedState.of(card.controller);
    try (TestCard other = new TestCard(0)) {
      assertThat(SavedState.restoredInto(other.controller, state)).isEqualTo(state);
    }
  }
}
