package dev.ringzero.devices.pci;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.memory.DeviceBus;
import dev.ringzero.memory.MmioDevice;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class VirtualFunctionsTest {
  private static final int DEVICE = 4;
  private static final int CAPABILITY = 0x108;
  private static final int CONTROL = CAPABILITY + 0x08, NUM_VFS = CAPABILITY + 0x10;
  private static final int VF_BAR0 = CAPABILITY + 0x24;
  private static final int ENABLE = 1, MEMORY = 8;
  private static final long BASE = 0xC100_0000L;

  private final DeviceBus memory = new DeviceBus();
  private final PciBus bus = new PciBus(memory, a -> {}, a -> {}, a -> {}, a -> {});
  private final PciFunction physical = new PciFunction("pf", new PciIdentity(1, 2, 0, 0x02_0000));
  private final List<PciFunction> virtual = new ArrayList<>();
  private VirtualFunctions functions;

  @BeforeEach
  void plug() {
    for (int n = 0; n < 3; n++) {
      PciFunction function = new PciFunction("vf" + n, new PciIdentity(1, 3, 0, 0x02_0000));
      function.addMemoryBar(0, 0x1000, 0, answering(0x50 + n));
      function.useInterruptPin(1);
      virtual.add(function);
    }
    functions = new VirtualFunctions(physical, virtual, 0x77);
    bus.plug(DEVICE, 0, physical);
    functions.plugged(bus, DEVICE);
  }

  private static MmioDevice answering(int value) {
    return new MmioDevice() {
      @Override
      public long read(long offset, int sizeBytes) {
        return value;
      }

      @Override
      public void write(long offset, int sizeBytes, long written) {}
    };
  }

  private void enable(int count) {
    physical.writeConfig(VF_BAR0, 4, BASE);
    physical.writeConfig(NUM_VFS, 2, count);
    physical.writeConfig(CONTROL, 2, ENABLE | MEMORY);
  }

  private long vendor(int function) {
    return bus.readConfig(0, DEVICE << 3 | function, 0, 2);
  }

  @Test
  void capabilityTellsHowManyThereCanBeAndWhere() {
    assertThat(physical.readConfig(CAPABILITY, 2)).isEqualTo(0x10);
    assertThat(physical.readConfig(CAPABILITY + 0x0C, 4)).isEqualTo(3 << 16 | 3);
    assertThat(physical.readConfig(CAPABILITY + 0x14, 4)).isEqualTo(1 << 16 | 1);
    assertThat(physical.readConfig(CAPABILITY + 0x1A, 2)).isEqualTo(0x77);
    physical.writeConfig(VF_BAR0, 4, 0xFFFF_FFFFL);
    assertThat(physical.readConfig(VF_BAR0, 4)).isEqualTo(0xFFFF_F000L);
  }

  @Test
  void functionsAppearWhenTheyAreEnabledAndGoWhenNot() {
    enable(2);
    assertThat(functions.present()).isEqualTo(2);
    assertThat(bus.functionAt(DEVICE << 3 | 1)).isSameAs(virtual.get(0));
    assertThat(bus.functionAt(DEVICE << 3 | 2)).isSameAs(virtual.get(1));
    assertThat(bus.functionAt(DEVICE << 3 | 3)).isNull();
    physical.writeConfig(CONTROL, 2, 0);
    assertThat(functions.present()).isZero();
    assertThat(bus.functionAt(DEVICE << 3 | 1)).isNull();
  }

  @Test
  void theyHaveNoIdentityAndNoBarsOfTheirOwn() {
    enable(1);
    assertThat(vendor(1)).isEqualTo(0xFFFF);
    bus.writeConfig(0, DEVICE << 3 | 1, PciRegister.BAR0, 4, 0xFFFF_FFFFL);
    assertThat(bus.readConfig(0, DEVICE << 3 | 1, PciRegister.BAR0, 4)).isZero();
    assertThat(bus.readConfig(0, DEVICE << 3 | 1, PciRegister.INTERRUPT_PIN, 1)).isZero();
  }

  @Test
  void eachAnswersBehindThePhysicalFunctionsAddress() {
    enable(3);
    for (int n = 0; n < 3; n++) {
      assertThat(memory.read(BASE + n * 0x1000L, 4)).isEqualTo(0x50 + n);
    }
    physical.writeConfig(CONTROL, 2, ENABLE);
    assertThat(memory.read(BASE, 4)).isEqualTo(0xFFFF_FFFFL);
  }

  @Test
  void theirNumberIsFixedWhileTheyAreEnabled() {
    enable(2);
    physical.writeConfig(NUM_VFS, 2, 3);
    assertThat(physical.readConfig(NUM_VFS, 2)).isEqualTo(2);
    assertThat(functions.present()).isEqualTo(2);
  }

  @Test
  void moreThanThereCanBeAreNone() {
    enable(4);
    assertThat(functions.present()).isZero();
  }

  @Test
  void resetOfThePhysicalFunctionTakesThemAway() {
    enable(3);
    physical.reset();
    assertThat(functions.present()).isZero();
    enable(1);
    assertThat(functions.present()).isEqualTo(1);
  }

  @Test
  void requesterIdTellsThemApart() {
    enable(2);
    assertThat(virtual.get(1).requesterId()).isEqualTo(DEVICE << 3 | 2);
  }

  @Test
  void functionThatNobodyDrivesIsLentAndComesBackOrIsGoneWithTheOthers() {
    List<Integer> gone = new ArrayList<>();
    enable(2);
    assertThat(functions.lend(2, gone::add)).contains("its guest has made 2 virtual functions");
    virtual.get(1).writeConfig(PciRegister.COMMAND, 2, PciRegister.COMMAND_MASTER);
    assertThat(functions.lend(1, gone::add)).get().asString().contains("unbind the driver");
    virtual.get(1).writeConfig(PciRegister.COMMAND, 2, 0);
    assertThat(functions.lend(1, gone::add)).isEmpty();
    assertThat(bus.functionAt(DEVICE << 3 | 2)).isNull();
    assertThat(memory.read(BASE + 0x1000, 4)).isEqualTo(0xFFFF_FFFFL);
    functions.takeBack(1);
    assertThat(bus.functionAt(DEVICE << 3 | 2)).isSameAs(virtual.get(1));
    assertThat(memory.read(BASE + 0x1000, 4)).isEqualTo(0x51);
    assertThat(functions.lend(1, gone::add)).isEmpty();
    physical.writeConfig(CONTROL, 2, 0);
    assertThat(gone).containsExactly(1);
    functions.takeBack(1);
    assertThat(bus.functionAt(DEVICE << 3 | 2)).isNull();
  }

  @Test
  void viewTellsFunctionsWithTheirBarsAndCapabilities() {
    enable(2);
    List<FunctionView> views = bus.views();
    assertThat(views)
        .extracting(FunctionView::address)
        .containsExactly("0000:00:04.0", "0000:00:04.1", "0000:00:04.2");
    assertThat(views.get(2).virtual()).isTrue();
    assertThat(views.get(2).bars().getFirst().base()).isEqualTo(BASE + 0x1000);
    assertThat(views.getFirst().capabilities())
        .extracting(FunctionView.Capability::meaning)
        .containsExactly(
            "next function 0", "on, 2 of 3 functions, the first 1 behind this, device ID 0077");
  }

  @Test
  void anyWritesToConfigurationSpaceAreSurvived() {
    SplittableRandom random = new SplittableRandom(99);
    for (int round = 0; round < 20_000; round++) {
      int offset =
          random.nextBoolean() ? CAPABILITY + random.nextInt(16) * 4 : random.nextInt(64) * 4;
      int function = random.nextInt(4);
      bus.writeConfig(0, DEVICE << 3 | function, offset, 4, random.nextInt());
    }
    physical.reset();
    enable(3);
    assertThat(functions.present()).isEqualTo(3);
  }
}
