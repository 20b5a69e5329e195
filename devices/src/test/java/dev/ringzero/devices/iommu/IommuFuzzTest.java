package dev.ringzero.devices.iommu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.devices.pci.PciBus;
import dev.ringzero.devices.pci.PciFunction;
import dev.ringzero.devices.pci.PciIdentity;
import dev.ringzero.engine.Agent;
import dev.ringzero.memory.DeviceBus;
import dev.ringzero.memory.DmaTranslation;
import dev.ringzero.memory.GuestMemory;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tables of which every bit may be wrong: what a device then reaches is what another walk says. */
@Timeout(60)
final class IommuFuzzTest {
  private static final int RTADDR = 0x20, GCMD = 0x18, IQA = 0x90, IQT = 0x88;
  private static final long TE = 1L << 31, SRTP = 1 << 30, QIE = 1 << 26;
  private static final int DEVICE = 5;
  private static final long RAM = 4 << 20;
  private static final long TABLES = 0x10_0000;
  private static final int FRAMES = 16;
  private static final int ROUNDS = Integer.getInteger("ringzero.iommu.rounds", 60);

  private final GuestMemory memory = GuestMemory.ofPc(RAM);
  private Agent invalidator;
  private final Iommu iommu =
      new Iommu(
          memory,
          (address, data) -> {},
          (name, agent) -> {
            invalidator = agent;
            return () -> {};
          });
  private final DmaPort port = iommu.port();

  @AfterEach
  void close() {
    memory.close();
  }

  private static long entry(SplittableRandom random) {
    long frame = TABLES + random.nextInt(FRAMES) * 4096L;
    return switch (random.nextInt(12)) {
      case 0 -> 0;
      case 1 -> random.nextLong();
      case 2 -> frame | 1L << 7 | 3;
      case 3 -> frame + RAM | 3;
      case 4 -> (frame & ~0x1F_FFFFL) | 1L << 7 | 1 + random.nextInt(3);
      default -> frame | 1 + random.nextInt(3);
    };
  }

  private void fill(SplittableRandom random) {
    for (long at = TABLES; at < TABLES + FRAMES * 4096L; at += 8) {
      memory.write64(at, entry(random));
    }
    memory.write64(TABLES, TABLES + 4096 | 1);
    memory.write64(TABLES + 8, 0);
    long context = TABLES + 4096 + (DEVICE << 3) * 16L;
    long next = TABLES + (2 + random.nextInt(FRAMES - 2)) * 4096L;
    memory.write64(context, random.nextInt(8) == 0 ? random.nextLong() : next | 1);
    memory.write64(
        context + 8, random.nextInt(8) == 0 ? random.nextLong() : 1 + random.nextInt(2) | 7 << 8);
  }

  /** Where an access ends by the specification's words, or -1; of legacy mode and one function. */
  private long expected(long address, boolean write) {
    long context = (memory.read64(TABLES) & 0xF_FFFF_FFFF_F000L) + (DEVICE << 3) * 16L;
    long low = memory.read64(context);
    long high = memory.read64(context + 8);
    int width = (int) high & 7;
    int kind = (int) (low >>> 2) & 3;
    boolean valid = (low & 1) != 0 && (high & ~0xFF_FF7FL) == 0 && (width == 1 || width == 2);
    if (!valid || kind == 1 || kind == 3 || address >>> (width == 1 ? 39 : 48) != 0) {
      return -1;
    }
    if (kind == 2) {
      return address;
    }
    long table = low & 0xF_FFFF_FFFF_F000L;
    for (int shift = width == 1 ? 30 : 39; ; shift -= 9) {
      long at = table + (address >>> shift & 511) * 8;
      if (!memory.isRam(at, 8)) {
        return -1;
      }
      long entry = memory.read64(at);
      if ((entry & (write ? 2 : 1)) == 0) {
        return -1;
      }
      long place = entry & 0xF_FFFF_FFFF_F000L;
      boolean large = shift > 12 && (entry & 1 << 7) != 0;
      long within = (1L << shift) - 1;
      if (large && (shift == 39 || (place & within) != 0)) {
        return -1;
      }
      if (large || shift == 12) {
        return place & ~within | address & within;
      }
      table = place;
    }
  }

  @Test
  void devicesReachWhatTheTablesMapAndNothingElse() {
    PciFunction function = new PciFunction("card", new PciIdentity(1, 2, 0, 0x02_0000));
    port.attach(function);
    new PciBus(new DeviceBus(), a -> {}, a -> {}, a -> {}, a -> {}).plug(DEVICE, 0, function);
    SplittableRandom random = new SplittableRandom(82576);
    int reached = 0;
    for (int round = 0; round < ROUNDS; round++) {
      fill(random);
      iommu.write(RTADDR, 8, TABLES);
      iommu.write(GCMD, 4, SRTP | TE);
      for (int access = 0; access < 300; access++) {
        long address = random.nextLong() >>> (random.nextInt(3) == 0 ? 0 : 16 + random.nextInt(48));
        boolean write = random.nextBoolean();
        long expected = expected(address, write);
        long found = port.translate(address, write);
        assertThat(found == DmaTranslation.REFUSED ? -1 : found)
            .as("round %d, %s 0x%x", round, write ? "write" : "read", address)
            .isEqualTo(expected);
        reached += expected >= 0 ? 1 : 0;
      }
      if (round % 30 == 0) {
        assertThat(iommu.view().domains().size()).isLessThanOrEqualTo(4096);
      }
      iommu.walk(DEVICE << 3, random.nextLong());
    }
    assertThat(reached).isPositive();
  }

  @Test
  void anyQueueOfInvalidationsEndsOrGoesOnWithoutHoldingAnyoneUp() {
    SplittableRandom random = new SplittableRandom(7);
    for (int round = 0; round < ROUNDS; round++) {
      for (int i = 0; i < 512; i++) {
        memory.write64(
            TABLES + i * 8L, random.nextInt(4) == 0 ? random.nextLong() : 1 + random.nextInt(5));
      }
      iommu.write(GCMD, 4, 0);
      iommu.write(IQA, 8, random.nextInt(4) == 0 ? random.nextLong() : TABLES);
      iommu.write(GCMD, 4, QIE);
      iommu.write(IQT, 4, random.nextInt(0x1_0000));
      int steps = 0;
      while (invalidator.step()) {
        assertThat(steps++).isLessThan(1 << 16);
      }
      iommu.write(0x34, 4, 1 << 4);
    }
  }
}
