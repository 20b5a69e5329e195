package dev.ringzero.devices.igb;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.devices.pci.PciRegister;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class InterruptsTest {
  private static final int MULTIPLE_MSIX = 1 << 4;
  private static final int AUTO_MASK = 1 << 30;

  private final TestCard card = new TestCard(0);
  private final TestCard.Function driver = card.pf;

  @AfterEach
  void close() {
    card.close();
  }

  /** Turns MSI-X on; the message of vector n is n + 1. */
  private void useVectors() {
    enableMsix();
    driver.write(Register.GPIE, MULTIPLE_MSIX | AUTO_MASK | 1);
    driver.write(Register.IVAR_MISC, 0x80 << 8);
    driver.write(Register.IVAR, 0x82_81);
    driver.write(Register.EIAC, 7);
    driver.write(Register.EIAM, 7);
    driver.write(Register.IMS, Cause.LSC);
  }

  private void enableMsix() {
    for (int at = 0x40; at < 0x100; at += 4) {
      if (card.physical.function().readConfig(at, 1) == 0x11) {
        card.physical.function().writeConfig(at + 2, 2, 1 << 15);
        return;
      }
    }
    throw new AssertionError("no MSI-X capability");
  }

  private void receiveOne() {
    card.arrives(TestCard.frame(TestCard.MAC, 1, 0x88B5, new byte[46]));
  }

  @Test
  void causesWithoutVectorsShareThePinUntilTheyAreRead() {
    driver.write(Register.IMS, Cause.LSC);
    driver.write(Register.ICS, Cause.LSC);
    assertThat(status() & PciRegister.STATUS_INTERRUPT).isNotZero();
    assertThat(driver.read(Register.ICR)).isEqualTo(Cause.LSC | Cause.INTA);
    assertThat(status() & PciRegister.STATUS_INTERRUPT).isZero();
    driver.write(Register.IMC, Cause.LSC);
    driver.write(Register.ICS, Cause.LSC);
    assertThat(status() & PciRegister.STATUS_INTERRUPT).isZero();
  }

  private long status() {
    return card.physical.function().readConfig(PciRegister.STATUS, 2);
  }

  @Test
  void masksClearThemselvesWhereTheDriverWantsThat() {
    useVectors();
    driver.write(Register.EIMS, 7);
    card.start();
    driver.openReceiveQueue(16);
    assertThat(driver.read(Register.EIMS)).as("link came up: vector 0").isEqualTo(6);
    receiveOne();
    receiveOne();
    assertThat(driver.read(Register.EIMS)).as("one message for two frames").isEqualTo(4);
    assertThat(driver.read(Register.EICR)).as("what came while masked").isEqualTo(2);
  }

  @Test
  void whatCameWhileMaskedIsToldWhenUnmasked() {
    useVectors();
    card.start();
    driver.openReceiveQueue(16);
    receiveOne();
    driver.write(Register.EIMS, 2);
    assertThat(driver.read(Register.EIMS)).as("told, and masked").isZero();
    assertThat(driver.read(Register.EICR) & 2).as("cleared").isZero();
  }

  @Test
  void throttledVectorsWaitForTheirTime() {
    useVectors();
    driver.write(Register.EITR + 4, 100 << 2);
    card.start();
    driver.openReceiveQueue(16);
    driver.write(Register.EIMS, 2);
    receiveOne();
    assertThat(driver.read(Register.EIMS)).isZero();
    driver.write(Register.EIMS, 2);
    receiveOne();
    assertThat(driver.read(Register.EIMS)).as("not yet").isEqualTo(2);
    card.clock.advance(99_000);
    assertThat(driver.read(Register.EIMS)).as("not yet").isEqualTo(2);
    card.clock.advance(1_000);
    assertThat(driver.read(Register.EIMS)).as("told after 100 microseconds").isZero();
  }

  @Test
  void resetForgetsWhatWaits() {
    useVectors();
    driver.write(Register.EITR, 100 << 2);
    driver.write(Register.EICS, 1);
    driver.write(Register.EIMS, 1);
    driver.write(Register.EICS, 1);
    driver.write(Register.EIMS, 1);
    driver.write(Register.CTRL, 1 << 26);
    assertThat(card.clock.waitingAlarms()).isZero();
    assertThat(driver.read(Register.EIMS)).isZero();
  }
}
