package dev.ringzero.devices.pci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringzero.devices.FakePower;
import dev.ringzero.devices.chipset.Q35;
import dev.ringzero.devices.chipset.ResetControl;
import dev.ringzero.memory.BytePortDevice;
import dev.ringzero.memory.DeviceBus;
import dev.ringzero.memory.MmioDevice;
import dev.ringzero.testkit.FakeClock;
import dev.ringzero.testkit.FakeLine;
import dev.ringzero.testkit.RegisterFuzz;
import dev.ringzero.testkit.SavedState;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PciTest {
  private static final int ADDRESS = 0;
  private static final int DATA = 4;
  private static final int DEVICE = 3;

  private final DeviceBus deviceBus = new DeviceBus();
  private final FakeLine[] wires = {new FakeLine(), new FakeLine(), new FakeLine(), new FakeLine()};
  private final PciBus pci = new PciBus(deviceBus, wires);
  private final FakePower power = new FakePower();
  private final ConfigPorts ports = new ConfigPorts(pci, new ResetControl(power));
  private final EcamWindow ecam = new EcamWindow(pci);
  private final PciFunction function = newFunction();

  private static PciFunction newFunction() {
    PciFunction function =
        new PciFunction("test", new PciIdentity(0x1AF4, 0x1041, 1, 0x02_0000, 0x1AF4, 0x40));
    function.addMemoryBar(0, 0x1000, 0, new Constant(0xB0));
    function.addPortBar(1, 16, new PortConstant());
    function.addMemoryBar(
        2, 1L << 33, PciRegister.BAR_64_BIT | PciRegister.BAR_PREFETCHABLE, new Constant(0xB2));
    function.useInterruptPin(1);
    return function;
  }

  private record Constant(long value) implements MmioDevice {
    @Override
    public long read(long offset, int sizeBytes) {
      return value;
    }

    @Override
    public void write(long offset, int sizeBytes, long newValue) {}
  }

  private static final class PortConstant implements BytePortDevice {
    @Override
    public int readByte(int offset) {
      return 0xB1;
    }

    @Override
    public void writeByte(int offset, int value) {}
  }

  @BeforeEach
  void plug() {
    pci.plug(DEVICE, 0, function);
  }

  private long read(int register, int sizeBytes) {
    ports.writePort(ADDRESS, 4, 1L << 31 | DEVICE << 11 | register & 0xFC);
    return ports.readPort(DATA + (register & 3), sizeBytes);
  }

  private void write(int register, int sizeBytes, long value) {
    ports.writePort(ADDRESS, 4, 1L << 31 | DEVICE << 11 | register & 0xFC);
    ports.writePort(DATA + (register & 3), sizeBytes, value);
  }

  @Test
  void identityIsReadByPortsAndByMemory() {
    assertThat(read(0, 4)).isEqualTo(0x1041_1AF4);
    assertThat(read(2, 2)).isEqualTo(0x1041);
    assertThat(read(0x0B, 1)).isEqualTo(2);
    assertThat(ecam.read(DEVICE << 15, 4)).isEqualTo(0x1041_1AF4);
    assertThat(ecam.read(DEVICE << 15, 8)).isEqualTo(0x1041_1AF4L);
    assertThat(ecam.read(DEVICE << 15 | 0x2D, 2)).isEqualTo(0x401A);
  }

  @Test
  void absentFunctionsReadAllOnes() {
    ports.writePort(ADDRESS, 4, 0x8000_0000L | 1 << 11);
    assertThat(ports.readPort(DATA, 4)).isEqualTo(0xFFFF_FFFFL);
    assertThat(ecam.read(1 << 20, 4)).isEqualTo(0xFFFF_FFFFL);
    ports.writePort(ADDRESS, 4, DEVICE << 11);
    assertThat(ports.readPort(DATA, 4)).as("not enabled").isEqualTo(0xFFFF_FFFFL);
  }

  @Test
  void addressRegisterTakesDoublewordsOnlyAndLeavesRoomForReset() {
    ports.writePort(ADDRESS, 4, 0x8000_1234L);
    ports.writePort(ADDRESS, 2, 0);
    assertThat(ports.readPort(ADDRESS, 4)).isEqualTo(0x8000_1234L);
    ports.writePort(1, 1, 0x06);
    assertThat(power.resets()).isEqualTo(1);
    assertThat(ports.readPort(ADDRESS, 4)).isEqualTo(0x8000_1234L);
  }

  @Test
  void barsTellTheirSize() {
    write(0x10, 4, 0xFFFF_FFFFL);
    assertThat(read(0x10, 4)).isEqualTo(0xFFFF_F000L);
    write(0x14, 4, 0xFFFF_FFFFL);
    assertThat(read(0x14, 4)).isEqualTo(0xFFFF_FFF1L);
    write(0x18, 4, 0xFFFF_FFFFL);
    write(0x1C, 4, 0xFFFF_FFFFL);
    assertThat(read(0x18, 4)).isEqualTo(0x0000_000CL);
    assertThat(read(0x1C, 4)).isEqualTo(0xFFFF_FFFEL);
    write(0x20, 4, 0xFFFF_FFFFL);
    assertThat(read(0x20, 4)).as("no BAR 4").isZero();
  }

  @Test
  void barsAnswerWhereAndWhileTheGuestSays() {
    write(0x10, 4, 0xC000_0000L);
    write(0x14, 4, 0xC000);
    write(0x18, 4, 0);
    write(0x1C, 4, 0x80);
    assertThat(deviceBus.claims(0xC000_0000L)).isFalse();
    write(0x04, 2, 0x3);
    assertThat(deviceBus.read(0xC000_0000L, 4)).isEqualTo(0xB0);
    assertThat(deviceBus.readPort(0xC008, 1)).isEqualTo(0xB1);
    assertThat(deviceBus.read(0x80_0000_0000L, 4)).isEqualTo(0xB2);
    write(0x10, 4, 0xC010_0000L);
    assertThat(deviceBus.claims(0xC000_0000L)).isFalse();
    assertThat(deviceBus.claims(0xC010_0FFFL)).isTrue();
    write(0x04, 2, 0x1);
    assertThat(deviceBus.claims(0xC010_0000L)).isFalse();
    assertThat(deviceBus.readPort(0xC000, 1)).isEqualTo(0xB1);
  }

  @Test
  void writeToReadOnlyBytesIsIgnored() {
    write(0x00, 4, 0);
    write(0x08, 4, 0);
    assertThat(read(0, 4)).isEqualTo(0x1041_1AF4);
    assertThat(read(8, 4)).isEqualTo(0x0200_0001);
  }

  @Test
  void pinsOfDevicesAreSwizzledOntoSharedWires() {
    PciFunction neighbour = newFunction();
    pci.plug(DEVICE + 4, 0, neighbour);
    function.interrupt(true);
    neighbour.interrupt(true);
    assertThat(wires[3].isAsserted()).isTrue();
    assertThat(read(0x06, 2) & 8).isEqualTo(8);
    function.interrupt(false);
    assertThat(wires[3].isAsserted()).isTrue();
    pci.unplug(DEVICE + 4, 0);
    assertThat(wires[3].isAsserted()).isFalse();
  }

  @Test
  void interruptDisableReleasesThePin() {
    function.interrupt(true);
    write(0x04, 2, 0x400);
    assertThat(wires[3].isAsserted()).isFalse();
    write(0x04, 2, 0);
    assertThat(wires[3].isAsserted()).isTrue();
  }

  @Test
  void unpluggedFunctionIsGone() {
    write(0x10, 4, 0xC000_0000L);
    write(0x04, 2, 2);
    pci.unplug(DEVICE, 0);
    assertThat(read(0, 4)).isEqualTo(0xFFFF_FFFFL);
    assertThat(deviceBus.claims(0xC000_0000L)).isFalse();
    pci.plug(DEVICE, 0, newFunction());
    assertThatThrownBy(() -> pci.plug(DEVICE, 0, newFunction()))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void capabilitiesAreChained() {
    PciFunction other = newFunction();
    assertThat(other.readConfig(0x06, 2) & 0x10).isZero();
    int first = other.addCapability(0x09, 7);
    int second = other.addCapability(0x11, 12);
    int extended = other.addExtendedCapability(0x0010, 1, 0x40);
    int next = other.addExtendedCapability(0x0003, 1, 12);
    assertThat(other.readConfig(0x06, 2) & 0x10).isNotZero();
    assertThat(other.readConfig(0x34, 1)).isEqualTo(first);
    assertThat(other.readConfig(first, 2)).isEqualTo(second << 8 | 0x09);
    assertThat(other.readConfig(second, 2)).isEqualTo(0x11);
    assertThat(extended).isEqualTo(0x100);
    assertThat(other.readConfig(extended, 4)).isEqualTo((long) next << 20 | 1 << 16 | 0x10);
    assertThat(other.readConfig(next, 4)).isEqualTo(1 << 16 | 3);
  }

  @Test
  void chipsetTellsWhereItsWindowsAre() {
    PciFunction host = Q35.hostBridge(0xE000_0000L, 256);
    assertThat(host.readConfig(0x60, 8)).isEqualTo(0xE000_0001L);
    PciFunction isa = Q35.isaBridge();
    assertThat(isa.readConfig(0x0A, 2)).isEqualTo(0x0601);
    assertThat(isa.readConfig(0x40, 4)).isEqualTo(0x601);
  }

  @Test
  void stateRestoresBars() {
    write(0x10, 4, 0xC000_0000L);
    write(0x04, 2, 2);
    function.interrupt(true);
    byte[] saved = SavedState.of(function);
    DeviceBus otherBus = new DeviceBus();
    PciFunction other = newFunction();
    new PciBus(otherBus, wires).plug(DEVICE, 0, other);
    assertThat(SavedState.restoredInto(other, saved)).isEqualTo(saved);
    assertThat(otherBus.claims(0xC000_0000L)).isTrue();
    byte[] savedPorts = SavedState.of(ports);
    assertThat(SavedState.restoredInto(ports, savedPorts)).isEqualTo(savedPorts);
  }

  @Test
  void hostileAccessesDoNoHarm() {
    RegisterFuzz fuzz = new RegisterFuzz(11, new FakeClock());
    fuzz.ports(ports, 8);
    fuzz.memory(ecam, 1 << 20);
    for (int i = 0; i < 50; i++) {
      for (int register = 0; register < 0x40; register += 4) {
        write(register, 4, 0x9E37_79B9L * (i * 16L + register) & 0xFFFF_FFFFL);
      }
    }
  }
}
