package dev.ringzero.devices.iommu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.devices.pci.PciBus;
import dev.ringzero.devices.pci.PciFunction;
import dev.ringzero.devices.pci.PciIdentity;
import dev.ringzero.engine.Agent;
import dev.ringzero.engine.state.StateReader;
import dev.ringzero.engine.state.StateWriter;
import dev.ringzero.memory.DeviceBus;
import dev.ringzero.memory.DmaMemory;
import dev.ringzero.memory.GuestMemory;
import dev.ringzero.memory.Slices;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class IommuTest {
  private static final int GCMD = 0x18, RTADDR = 0x20, FSTS = 0x34, FECTL = 0x38, FEDATA = 0x3C;
  private static final int FEADDR = 0x40, IQT = 0x88, IQA = 0x90, IRTA = 0xB8, FRCD = 0x220;
  private static final long TE = 1L << 31, SRTP = 1 << 30, QIE = 1 << 26, IRE = 1 << 25;
  private static final long SIRTP = 1 << 24;

  private static final long ROOT = 0x10_0000, CONTEXT = 0x10_1000, TABLES = 0x11_0000;
  private static final long QUEUE = 0x12_0000, INTERRUPTS = 0x13_0000, STATUS = 0x14_0000;
  private static final long DATA = 0x20_0000;
  private static final long IOVA = 0x4000_0000L;
  private static final int DEVICE = 5;

  private final GuestMemory memory = GuestMemory.ofPc(16 << 20);
  private final List<String> messages = new ArrayList<>();
  private Agent invalidator;
  private Iommu iommu;
  private DmaMemory dma;
  private DmaPort port;
  private long queueTail;

  @BeforeEach
  void plug() {
    iommu =
        new Iommu(
            memory,
            (address, data) -> messages.add("%x %x".formatted(address, data)),
            (name, agent) -> {
              invalidator = agent;
              return () -> {};
            });
    PciFunction function = new PciFunction("card", new PciIdentity(1, 2, 0, 0x02_0000));
    port = iommu.port();
    port.attach(function);
    dma = port.memory();
    new PciBus(new DeviceBus(), a -> {}, a -> {}, a -> {}, a -> {}).plug(DEVICE, 0, function);
  }

  @AfterEach
  void close() {
    memory.close();
  }

  private void set(int register, long value) {
    iommu.write(register, 8, value);
  }

  private void command(long bits) {
    iommu.write(GCMD, 4, bits);
  }

  /** Maps the 2 MiB around an address by 4 KiB pages onto {@link #DATA}, with these rights. */
  private void translate(long rights) {
    memory.write64(ROOT, CONTEXT | 1);
    memory.write64(CONTEXT + (DEVICE << 3) * 16, TABLES | 1);
    memory.write64(CONTEXT + (DEVICE << 3) * 16 + 8, 2 | 7 << 8);
    for (int level = 0; level < 3; level++) {
      long index = IOVA >>> 39 - 9 * level & 511;
      memory.write64(TABLES + level * 0x1000 + index * 8, TABLES + (level + 1) * 0x1000 | 3);
    }
    for (int page = 0; page < 512; page++) {
      memory.write64(TABLES + 0x3000 + page * 8, DATA + page * 4096L | rights);
    }
    set(RTADDR, ROOT);
    command(SRTP | TE);
  }

  private void submit(long low, long high) {
    memory.write64(QUEUE + queueTail, low);
    memory.write64(QUEUE + queueTail + 8, high);
    queueTail += 16;
    iommu.write(IQT, 4, queueTail);
  }

  private void invalidate() {
    while (invalidator.step()) {
      // There is more.
    }
  }

  private int reason() {
    return (int) (iommu.read(FRCD + 8, 8) >>> 32 & 0xFF);
  }

  @Test
  void addressesPassAsTheyAreUntilTranslationIsOn() {
    dma.write32(DATA, 0x1234);
    assertThat(memory.read32(DATA)).isEqualTo(0x1234);
  }

  @Test
  void viewTellsDomainsWithWhatTheyMapAndWhatWasRefused() {
    assertThat(iommu.view().domains()).isEmpty();
    translate(1);
    dma.write32(IOVA + 0x5000, 7);
    IommuView view = iommu.view();
    assertThat(view.rootTable()).isEqualTo(ROOT);
    assertThat(view.domains()).containsOnlyKeys(7);
    assertThat(view.domains().get(7).functions()).containsExactly(DEVICE << 3);
    assertThat(view.domains().get(7).pages()).isEqualTo(512);
    IommuView.Refused refused = view.recent().getLast();
    assertThat(refused.words()).isEqualTo("the page may not be written");
    assertThat(refused.information()).isEqualTo(IOVA + 0x5000);
    assertThat(view.refusals()).isEqualTo(1);
  }

  @Test
  void walkTellsEachEntryThatWasRead() {
    translate(3);
    IommuView.Walk walk = iommu.walk(DEVICE << 3, IOVA + 0x3123);
    assertThat(walk.steps())
        .extracting(IommuView.Step::name)
        .containsExactly("root", "context", "level 4", "level 3", "level 2", "level 1");
    assertThat(walk.steps().get(1).meaning()).isEqualTo("domain 7, 4 levels of tables");
    assertThat(walk.result()).isEqualTo("0x203123, read write");
    assertThat(iommu.walk(DEVICE << 3, 0x1000).result())
        .isEqualTo("refused: nothing is mapped there");
    assertThat(iommu.walk(9 << 3, IOVA).allowed()).isFalse();
    assertThat(iommu.refusals()).as("looking refuses nothing").isZero();
  }

  @Test
  void tablesThatLeadInCirclesAreCountedOnlySoFar() {
    translate(3);
    for (int i = 0; i < 512; i++) {
      memory.write64(TABLES + i * 8, TABLES | 3);
    }
    assertThat(iommu.view().domains().get(7).counted()).isFalse();
  }

  @Test
  void deviceReachesWhatItsTablesMap() {
    translate(3);
    memory.write64(DATA + 0x1008, 0x1122_3344_5566_7788L);
    assertThat(dma.read64(IOVA + 0x1008)).isEqualTo(0x1122_3344_5566_7788L);
    dma.write16(IOVA + 2, 0xABCD);
    assertThat(memory.read16(DATA + 2)).isEqualTo(0xABCD);
    try (Slices slices = dma.slices(IOVA + 0x800, 0x3000, true)) {
      assertThat(slices.lengthBytes(0)).isEqualTo(0x3000);
    }
    assertThat(iommu.refusals()).isZero();
  }

  @Test
  void largePagesMapTwoMebibytes() {
    translate(3);
    memory.write64(TABLES + 0x2000 + (IOVA >>> 21 & 511) * 8, DATA | 1 << 7 | 3);
    dma.write8(IOVA + 0x12_3456, 0x5A);
    assertThat(memory.read8(DATA + 0x12_3456)).isEqualTo(0x5A);
  }

  @Test
  void whatIsNotMappedIsRefusedAndRecorded() {
    translate(3);
    assertThat(dma.read32(IOVA + (1 << 21))).isEqualTo(0xFFFF_FFFFL);
    assertThat(dma.slices(IOVA + (1 << 21) - 4096, 8192, false)).isNull();
    assertThat(reason()).isEqualTo(Fault.READ_REFUSED.reason());
    assertThat(iommu.read(FRCD, 8)).isEqualTo(IOVA + (1 << 21));
    assertThat(iommu.read(FRCD + 8, 8) & 0xFFFF).isEqualTo(DEVICE << 3);
    assertThat(iommu.read(FSTS, 4) & 2).isEqualTo(2);
    iommu.write(FRCD + 12, 4, 1L << 31);
    iommu.write(FRCD + 16 + 12, 4, 1L << 31);
    assertThat(iommu.read(FSTS, 4) & 2).isZero();
  }

  @Test
  void writeToAPageForReadingIsRefused() {
    translate(1);
    memory.write32(DATA, 7);
    dma.write32(IOVA, 8);
    assertThat(memory.read32(DATA)).isEqualTo(7);
    assertThat(dma.read32(IOVA)).isEqualTo(7);
    assertThat(reason()).isEqualTo(Fault.WRITE_REFUSED.reason());
  }

  @Test
  void functionWithoutAContextReachesNothing() {
    translate(3);
    memory.write64(CONTEXT + (DEVICE << 3) * 16, 0);
    assertThat(dma.read8(IOVA)).isEqualTo(0xFF);
    assertThat(reason()).isEqualTo(Fault.CONTEXT_NOT_PRESENT.reason());
  }

  @Test
  void faultsOfAContextMayBeSilenced() {
    translate(3);
    memory.write64(CONTEXT + (DEVICE << 3) * 16, 2);
    assertThat(dma.read8(IOVA)).isEqualTo(0xFF);
    assertThat(iommu.refusals()).isZero();
  }

  @Test
  void addressBeyondTheContextsWidthIsRefused() {
    translate(3);
    assertThat(dma.read8(1L << 48)).isEqualTo(0xFF);
    assertThat(reason()).isEqualTo(Fault.ADDRESS_BEYOND_WIDTH.reason());
  }

  @Test
  void faultsBeyondTheRecordsOverflow() {
    translate(0);
    for (int n = 0; n < 9; n++) {
      dma.read8(IOVA);
    }
    assertThat(iommu.read(FSTS, 4) & 1).isEqualTo(1);
    assertThat(iommu.refusals()).isEqualTo(9);
  }

  @Test
  void faultIsToldByAMessageOnceItIsUnmasked() {
    iommu.write(FEDATA, 4, 0x41);
    iommu.write(FEADDR, 4, 0xFEE0_1000L);
    translate(0);
    dma.read8(IOVA);
    assertThat(messages).isEmpty();
    iommu.write(FECTL, 4, 0);
    assertThat(messages).containsExactly("fee01000 41");
  }

  @Test
  void changedTablesCountAfterAnInvalidation() {
    translate(3);
    set(IQA, QUEUE);
    command(TE | QIE);
    memory.write64(DATA, 1);
    memory.write64(DATA + 4096, 2);
    assertThat(dma.read64(IOVA)).isEqualTo(1);
    memory.write64(TABLES + 0x3000, DATA + 4096 | 3);
    submit(2 | 1 << 4, 0);
    submit(5 | 1 << 5 | 0x99L << 32, STATUS);
    invalidate();
    assertThat(dma.read64(IOVA)).isEqualTo(2);
    assertThat(memory.read32(STATUS)).isEqualTo(0x99);
  }

  @Test
  void invalidationWaitsForAccessesThatBeganBefore() throws Exception {
    translate(3);
    set(IQA, QUEUE);
    command(TE | QIE);
    Slices before = dma.slices(IOVA, 64, true);
    submit(2 | 1 << 4, 0);
    CompletableFuture<Void> done = CompletableFuture.runAsync(this::invalidate);
    assertThat(done).isNotDone();
    before.close();
    done.get(30, TimeUnit.SECONDS);
  }

  @Test
  void unknownDescriptorStopsTheQueueUntilTheErrorIsCleared() {
    set(IQA, QUEUE);
    command(QIE);
    submit(0xF, 0);
    submit(5 | 1 << 5 | 1L << 32, STATUS);
    invalidate();
    assertThat(iommu.read(FSTS, 4) & 1 << 4).isNotZero();
    assertThat(memory.read32(STATUS)).isZero();
    memory.write64(QUEUE, 1 | 1 << 4);
    iommu.write(FSTS, 4, 1 << 4);
    invalidate();
    assertThat(memory.read32(STATUS)).isEqualTo(1);
  }

  @Test
  void tailBeyondTheQueueIsAnErrorAndNotAQueueWithoutEnd() {
    translate(3);
    set(IQA, QUEUE);
    command(TE | QIE);
    for (int entry = 0; entry < 256; entry++) {
      memory.write64(QUEUE + entry * 16, 1);
    }
    iommu.write(IQT, 4, 0x2000);
    int steps = 0;
    while (invalidator.step()) {
      assertThat(steps++).isLessThan(10);
    }
    assertThat(iommu.read(FSTS, 4) & 1 << 4).as("IQE").isNotZero();
  }

  private void remap(int index, long low, long high) {
    memory.write64(INTERRUPTS + index * 16, low);
    memory.write64(INTERRUPTS + index * 16 + 8, high);
    set(IRTA, INTERRUPTS | 7);
    command(SIRTP | IRE);
  }

  private static long remappable(int index) {
    return 0xFEE0_0000L | 1 << 4 | 1 << 3 | (long) index << 5;
  }

  @Test
  void interruptsGoWhereTheTableLeadsThem() {
    remap(9, 1 | 0x51L << 16 | 3L << 40, 1 << 18 | DEVICE << 3);
    port.send(remappable(8), 1);
    assertThat(messages).containsExactly("fee03000 4051");
  }

  @Test
  void anotherFunctionsInterruptIsRefused() {
    remap(9, 1 | 0x51L << 16 | 3L << 40, 1 << 18 | DEVICE + 1 << 3);
    port.send(remappable(9), 0);
    assertThat(messages).isEmpty();
    assertThat(reason()).isEqualTo(Fault.INTERRUPT_SOURCE.reason());
  }

  @Test
  void messagesInTheOldFormatPassOnlyWhereThatIsAllowed() {
    remap(0, 1, 0);
    port.send(0xFEE0_0000L, 0x41);
    assertThat(reason()).isEqualTo(Fault.INTERRUPT_COMPATIBILITY.reason());
    command(IRE | 1 << 23);
    port.send(0xFEE0_0000L, 0x41);
    assertThat(messages).containsExactly("fee00000 41");
  }

  @Test
  void entryBeyondTheTableOrAbsentIsRefused() {
    remap(0, 0, 0);
    port.send(remappable(0), 0);
    assertThat(reason()).isEqualTo(Fault.INTERRUPT_NOT_PRESENT.reason());
    port.send(remappable(256), 0);
    assertThat(messages).isEmpty();
    assertThat(iommu.refusals()).isEqualTo(2);
  }

  @Test
  void stateIsSavedAndRestored() {
    translate(3);
    dma.read8(1L << 48);
    StateWriter out = new StateWriter();
    iommu.save(out);
    byte[] saved = out.toByteArray();
    command(0);
    iommu.restore(new StateReader(saved), 1);
    StateWriter again = new StateWriter();
    iommu.save(again);
    assertThat(again.toByteArray()).isEqualTo(saved);
    memory.write8(DATA, 0x77);
    assertThat(dma.read8(IOVA)).isEqualTo(0x77);
  }

  @Test
  void nothingThatAGuestWritesBreaksIt() {
    SplittableRandom random = new SplittableRandom(4711);
    for (int round = 0; round < 20_000; round++) {
      switch (random.nextInt(5)) {
        case 0 ->
            iommu.write(random.nextInt(0x300) & ~3, 4 << random.nextInt(2), random.nextLong());
        case 1 -> iommu.read(random.nextInt(0x1000 - 8), 1 << random.nextInt(4));
        case 2 -> dma.write32(random.nextLong(), random.nextInt());
        case 3 -> port.send(0xFEE0_0000L | random.nextInt(1 << 20), random.nextInt());
        default -> {
          memory.write64(ROOT + random.nextInt(0x8000) * 8, random.nextLong());
          for (int step = 0; step < 8 && invalidator.step(); step++) {
            // Whatever the queue holds.
          }
        }
      }
    }
  }
}
