package dev.ringzero.devices.igb;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.engine.wire.Packet;
import dev.ringzero.memory.MmioDevice;
import dev.ringzero.testkit.RegisterFuzz;
import dev.ringzero.testkit.SavedState;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Hostile drivers: nothing they do crashes or reaches other functions' memory. */
final class ControllerFuzzTest {
  private static final int RING = 0x1_0000;

  private static MmioDevice window(TestCard.Function function) {
    return new RegisterWindow(function::read, function::write);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void anyAccessesOfThePhysicalFunctionAreSurvived(long seed) {
    try (TestCard card = new TestCard(3)) {
      new RegisterFuzz(seed, card.clock).memory(window(card.pf), RegisterFile.BYTES);
      card.runner.run();
      byte[] state = SavedState.of(card.controller);
      try (TestCard other = new TestCard(3)) {
        assertThat(SavedState.restoredInto(other.controller, state)).isEqualTo(state);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {4, 5, 6})
  void anyAccessesOfAVirtualFunctionHarmNoOther(long seed) {
    try (TestCard card = new TestCard(2)) {
      new HostDriver(card.controller, new long[] {TestCard.address(0), TestCard.address(1)});
      TestCard.Function other = card.functions.get(1);
      other.write(Register.CTRL, 1 << 26);
      other.write(Register.V2PMAILBOX, 4);
      other.write(Register.VMBMEM, 1);
      other.write(Register.V2PMAILBOX, 1);
      other.openReceiveQueue(16);
      new RegisterFuzz(seed, card.clock)
          .memory(window(card.functions.get(0)), VirtualRegisters.BYTES);
      card.runner.run();
      byte[] frame = TestCard.frame(TestCard.address(1), 1, 0x88B5, new byte[50]);
      card.arrives(frame);
      assertThat(other.receive()).isEqualTo(frame);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {7, 8, 9, 10})
  void anyDescriptorsAreSurvived(long seed) {
    Random random = new Random(seed);
    try (TestCard card = new TestCard(1)) {
      card.startPools();
      TestCard.Function driver = card.functions.get(0);
      for (int round = 0; round < 50; round++) {
        driver.openTransmitQueue();
        driver.openReceiveQueue(0);
        scribble(driver, random);
        driver.write(Register.TX_QUEUE + Register.LEN, random.nextInt(1 << 14));
        driver.write(Register.TX_QUEUE + Register.TAIL, random.nextInt(600));
        driver.write(Register.RX_QUEUE + Register.SRRCTL, random.nextInt());
        driver.write(Register.RX_QUEUE + Register.TAIL, random.nextInt(70));
        card.runner.run();
        byte[] payload = new byte[random.nextInt(9000)];
        card.arrives(TestCard.frame(TestCard.address(0), 1, 0x0800, payload));
        card.wire.packets.forEach(Packet::release);
        card.wire.packets.clear();
        card.wire.sent.clear();
      }
    }
  }

  /** Descriptors that look right more often than chance has it. */
  private static void scribble(TestCard.Function driver, Random random) {
    for (int at = RING; at < RING + 0x9000; at += 16) {
      boolean wild = random.nextInt(4) == 0;
      driver.memory.write64(at, wild ? random.nextLong() : random.nextInt(1 << 23));
      long command = random.nextInt() & 0xFFFF_FFFFL;
      if (random.nextInt(4) != 0) {
        command = command & ~0xF0_F000L | (2 + random.nextInt(2)) << 20 | 1 << 29;
      }
      driver.memory.write64(at + 8, command | (long) random.nextInt() << 32);
    }
  }
}
