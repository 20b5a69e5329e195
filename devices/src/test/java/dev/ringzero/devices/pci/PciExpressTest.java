package dev.ringzero.devices.pci;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.memory.DeviceBus;
import dev.ringzero.testkit.FakeClock;
import dev.ringzero.testkit.FakeLine;
import dev.ringzero.testkit.RegisterFuzz;
import dev.ringzero.testkit.SavedState;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PciExpressTest {
  private static final int BUS_MASTER = 1 << 2;
  private static final int PORT_DEVICE = 4;

  private static final int SLOT_CONTROL = 0x18;
  private static final int SLOT_STATUS = 0x1A;
  private static final int LINK_STATUS = 0x12;
  private static final int DEVICE_CONTROL = 0x08;
  private static final int EVENTS_ENABLED = 0x1039;
  private static final int POWER_OFF = 1 << 10;

  private final DeviceBus deviceBus = new DeviceBus();
  private final FakeLine[] wires = {new FakeLine(), new FakeLine(), new FakeLine(), new FakeLine()};
  private final PciBus root = new PciBus(deviceBus, wires);
  private final EcamWindow ecam = new EcamWindow(root);
  private final List<String> messages = new ArrayList<>();

  private void message(long address, int data) {
    messages.add(Long.toHexString(address) + ":" + Integer.toHexString(data));
  }

  private static PciFunction endpoint() {
    return new PciFunction("endpoint", new PciIdentity(0x1AF4, 0x1042, 1, 0x01_0000));
  }

  private static int capability(PciFunction function, int id) {
    int at = (int) function.readConfig(0x34, 1);
    while (at != 0 && function.readConfig(at, 1) != id) {
      at = (int) function.readConfig(at + 1, 1);
    }
    return at;
  }

  // MSI-X

  private Msix msix(PciFunction function, int vectors) {
    Msix msix = new Msix(function, 1, vectors, this::message);
    root.plug(1, 0, function);
    return msix;
  }

  private static void program(Msix msix, int vector) {
    msix.write(16L * vector, 8, 0xFEE0_1000L);
    msix.write(16L * vector + 8, 4, 0x40 + vector);
    msix.write(16L * vector + 12, 4, 0);
  }

  @Test
  void msixSendsWhatTheTableSays() {
    PciFunction function = endpoint();
    Msix msix = msix(function, 3);
    int at = capability(function, 0x11);
    assertThat(function.readConfig(at + 2, 2)).as("table size - 1").isEqualTo(2);
    program(msix, 2);
    msix.signal(2);
    assertThat(messages).as("not enabled").isEmpty();
    function.writeConfig(4, 2, BUS_MASTER);
    function.writeConfig(at + 2, 2, 0x8000);
    assertThat(msix.isEnabled()).isTrue();
    msix.signal(2);
    msix.signal(99);
    assertThat(messages).containsExactly("fee01000:42");
  }

  @Test
  void maskedVectorIsPendingUntilUnmasked() {
    PciFunction function = endpoint();
    Msix msix = msix(function, 2);
    int at = capability(function, 0x11);
    long pba = function.readConfig(at + 8, 4) & ~7;
    program(msix, 0);
    program(msix, 1);
    msix.write(12, 4, 1);
    function.writeConfig(4, 2, BUS_MASTER);
    function.writeConfig(at + 2, 2, 0xC000);
    msix.signal(0);
    msix.signal(1);
    assertThat(msix.read(pba, 8)).isEqualTo(3);
    function.writeConfig(at + 2, 2, 0x8000);
    assertThat(messages).containsExactly("fee01000:41");
    msix.write(12, 4, 0);
    assertThat(messages).containsExactly("fee01000:41", "fee01000:40");
    assertThat(msix.read(pba, 8)).isZero();
  }

  @Test
  void functionThatIsNotBusMasterSendsNothingYet() {
    PciFunction function = endpoint();
    Msix msix = msix(function, 1);
    program(msix, 0);
    function.writeConfig(capability(function, 0x11) + 2, 2, 0x8000);
    msix.signal(0);
    assertThat(messages).isEmpty();
    function.writeConfig(4, 2, BUS_MASTER);
    assertThat(messages).hasSize(1);
  }

  @Test
  void hostileAccessesToTheTableDoNoHarmAndStateSurvives() {
    PciFunction function = endpoint();
    Msix msix = msix(function, 17);
    function.writeConfig(4, 2, BUS_MASTER);
    function.writeConfig(capability(function, 0x11) + 2, 2, 0x8000);
    new RegisterFuzz(12, new FakeClock()).memory(msix, 0x2000);
    byte[] saved = SavedState.of(msix);
    Msix other = new Msix(endpoint(), 1, 17, this::message);
    assertThat(SavedState.restoredInto(other, saved)).isEqualTo(saved);
  }

  // MSI

  @Test
  void msiPutsTheVectorIntoTheLowBitsOfItsData() {
    PciFunction function = endpoint();
    Msi msi = new Msi(function, 4, this::message);
    root.plug(1, 0, function);
    int at = capability(function, 0x05);
    function.writeConfig(4, 2, BUS_MASTER);
    function.writeConfig(at + 4, 4, 0xFEE0_2000L);
    function.writeConfig(at + 12, 2, 0x60);
    function.writeConfig(at + 2, 2, 1 | 2 << 4);
    msi.signal(3);
    function.writeConfig(at + 0x10, 4, 1 << 1);
    msi.signal(1);
    assertThat(function.readConfig(at + 0x14, 4)).isEqualTo(1 << 1);
    function.writeConfig(at + 0x10, 4, 0);
    assertThat(messages).containsExactly("fee02000:63", "fee02000:61");
  }

  // Reset

  @Test
  void functionLevelResetBringsBackThePowerOnState() {
    PciFunction function = endpoint();
    function.addMemoryBar(0, 0x1000, 0, new Msix(endpoint(), 1, 1, this::message));
    int express = PciExpress.add(function, PciExpress.Type.ENDPOINT);
    int[] resets = {0};
    function.onReset(() -> resets[0]++);
    root.plug(1, 0, function);
    function.writeConfig(0x10, 4, 0xC000_0000L);
    function.writeConfig(4, 2, 6);
    assertThat(deviceBus.claims(0xC000_0000L)).isTrue();
    function.writeConfig(express + DEVICE_CONTROL, 2, 0x8000);
    assertThat(resets[0]).isEqualTo(1);
    assertThat(deviceBus.claims(0xC000_0000L)).isFalse();
    assertThat(function.readConfig(4, 2)).isZero();
    assertThat(function.readConfig(express + DEVICE_CONTROL, 2)).isEqualTo(0x2810);
  }

  // Root ports

  private RootPort port() {
    RootPort port = new RootPort("root-port0", 1, root, PORT_DEVICE, this::message);
    root.plug(PORT_DEVICE, 0, port);
    port.function().writeConfig(0x18, 4, 0x0001_0100);
    return port;
  }

  private static int express(RootPort port) {
    return capability(port.function(), 0x10);
  }

  private static void write(RootPort port, int register, long value) {
    port.function().writeConfig(express(port) + register, 2, value);
  }

  private static long read(RootPort port, int register) {
    return port.function().readConfig(express(port) + register, 2);
  }

  @Test
  void devicesBehindAPortAreFoundByItsBusNumbers() {
    RootPort port = port();
    assertThat(ecam.read(1 << 20, 4)).isEqualTo(0xFFFF_FFFFL);
    port.insert(endpoint());
    assertThat(ecam.read(1 << 20, 4)).isEqualTo(0x1042_1AF4);
    port.function().writeConfig(0x18, 4, 0x0005_0500);
    assertThat(ecam.read(1 << 20, 4)).isEqualTo(0xFFFF_FFFFL);
    assertThat(ecam.read(5 << 20, 4)).isEqualTo(0x1042_1AF4);
  }

  @Test
  void insertedDeviceIsPresentAndLinked() {
    RootPort port = port();
    write(port, SLOT_CONTROL, EVENTS_ENABLED | POWER_OFF);
    write(port, SLOT_STATUS, 0x11F);
    assertThat(wires[0].isAsserted()).isFalse();
    port.insert(endpoint());
    assertThat(read(port, SLOT_STATUS) & 0x48).isEqualTo(0x48);
    assertThat(wires[0].isAsserted()).isTrue();
    assertThat(read(port, LINK_STATUS) & 0x2000).isNotZero();
    write(port, SLOT_CONTROL, EVENTS_ENABLED);
    assertThat(read(port, SLOT_STATUS) & 0x110).isEqualTo(0x110);
    assertThat(port.isOccupied()).isTrue();
    write(port, SLOT_STATUS, 0x11F);
    assertThat(wires[0].isAsserted()).isFalse();
  }

  @Test
  void requestedRemovalEndsWhenTheGuestCutsPower() {
    RootPort port = port();
    PciFunction device = endpoint();
    port.insert(device);
    write(port, SLOT_CONTROL, EVENTS_ENABLED);
    write(port, SLOT_STATUS, 0x11F);
    port.requestRemoval();
    assertThat(read(port, SLOT_STATUS) & 1).isEqualTo(1);
    assertThat(port.isOccupied()).isTrue();
    write(port, SLOT_CONTROL, EVENTS_ENABLED | POWER_OFF);
    assertThat(port.isOccupied()).isFalse();
    assertThat(read(port, SLOT_STATUS) & 0x40).isZero();
    assertThat(read(port, LINK_STATUS) & 0x2000).isZero();
    port.insert(device);
    assertThat(port.isOccupied()).isTrue();
  }

  @Test
  void eventsComeByMessageWhereTheGuestWantsThat() {
    RootPort port = port();
    int msi = capability(port.function(), 0x05);
    port.function().writeConfig(4, 2, BUS_MASTER);
    port.function().writeConfig(msi + 4, 4, 0xFEE0_0000L);
    port.function().writeConfig(msi + 12, 2, 0x51);
    port.function().writeConfig(msi + 2, 2, 1);
    write(port, SLOT_CONTROL, EVENTS_ENABLED | POWER_OFF);
    messages.clear();
    write(port, SLOT_STATUS, 0x11F);
    port.insert(endpoint());
    assertThat(messages).containsExactly("fee00000:51");
    assertThat(wires[0].isAsserted()).isFalse();
    write(port, SLOT_STATUS, 0x11F);
    port.remove();
    assertThat(messages).hasSize(2);
  }

  @Test
  void aDeviceThatIsThereBeforeTheGuestLooksAfterTheSlotHasPowerAndCanBeTakenOut() {
    RootPort port = port();
    port.insert(endpoint());
    assertThat(read(port, SLOT_CONTROL) & POWER_OFF).isZero();
    write(port, SLOT_CONTROL, EVENTS_ENABLED);
    write(port, SLOT_CONTROL, EVENTS_ENABLED | POWER_OFF);
    assertThat(port.isOccupied()).isFalse();
  }

  @Test
  void whatIsPulledOutAnswersInResetUntilPowerIsCut() {
    RootPort port = port();
    PciFunction device = endpoint();
    device.addMemoryBar(0, 4096, 0, new Msix(endpoint(), 1, 1, this::message));
    int[] removals = {0};
    port.onRemoval(() -> removals[0]++);
    port.insert(device);
    write(port, SLOT_CONTROL, EVENTS_ENABLED);
    device.writeConfig(0x10, 4, 0xC000_0000L);
    device.writeConfig(4, 2, 2);
    port.remove();
    assertThat(removals[0]).isEqualTo(1);
    assertThat(ecam.read(1 << 20, 4)).isEqualTo(0xFFFF_FFFFL);
    assertThat(deviceBus.claims(0xC000_0000L)).isTrue();
    write(port, SLOT_CONTROL, EVENTS_ENABLED | POWER_OFF);
    assertThat(deviceBus.claims(0xC000_0000L)).isFalse();
    port.insert(device);
    assertThat(port.isOccupied()).isTrue();
  }

  @Test
  void secondaryBusResetResetsWhatIsBehind() {
    RootPort port = port();
    PciFunction device = endpoint();
    port.insert(device);
    device.writeConfig(0x3C, 1, 0x0B);
    port.function().writeConfig(0x3E, 2, 0x40);
    assertThat(device.readConfig(0x3C, 1)).isZero();
  }

  @Test
  void hostileAccessesDoNoHarmAndStateSurvives() {
    RootPort port = port();
    port.insert(endpoint());
    new RegisterFuzz(13, new FakeClock()).memory(ecam, 2 << 20);
    byte[] saved = SavedState.of(port.function());
    RootPort other = new RootPort("root-port0", 1, root, 9, this::message);
    assertThat(SavedState.restoredInto(other.function(), saved)).isEqualTo(saved);
  }
}
