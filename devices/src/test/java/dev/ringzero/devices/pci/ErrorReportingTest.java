package dev.ringzero.devices.pci;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.memory.DeviceBus;
import dev.ringzero.memory.MmioDevice;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A device behind a root port, with addresses in the port's window that nobody answers. */
final class ErrorReportingTest {
  private static final long WINDOW = 0xC010_0000L;
  private static final long BAR = WINDOW;
  private static final long NOBODY = WINDOW + 0x8000;
  private static final int AER = 0x100;
  private static final int NON_FATAL_AND_UNSUPPORTED = 1 << 1 | 1 << 3;
  private static final long UNSUPPORTED = 1 << 20;

  private final DeviceBus memory = new DeviceBus();
  private final PciBus root = new PciBus(memory, a -> {}, a -> {}, a -> {}, a -> {});
  private final List<Integer> messages = new ArrayList<>();
  private final RootPort port =
      new RootPort("p", 1, root, 4, (address, data) -> messages.add(data));
  private final PciFunction device = new PciFunction("d", new PciIdentity(1, 2, 0, 0x02_0000));
  private int express;

  @BeforeEach
  void plug() {
    express = PciExpress.add(device, PciExpress.Type.ENDPOINT);
    ErrorReporting.add(device, express);
    device.addMemoryBar(0, 0x1000, 0, answering());
    root.plug(4, 0, port);
    port.insert(device);
    PciFunction bridge = port.function();
    bridge.writeConfig(PciRegister.BUS_NUMBERS, 4, 1 << 16 | 1 << 8);
    bridge.writeConfig(PciRegister.MEMORY_BASE, 4, 0xC010_C010L);
    bridge.writeConfig(PciRegister.COMMAND, 2, 6);
    device.writeConfig(PciRegister.BAR0, 4, BAR);
    device.writeConfig(PciRegister.COMMAND, 2, 6);
    device.writeConfig(express + 8, 2, NON_FATAL_AND_UNSUPPORTED);
    bridge.writeConfig(AER + 0x2C, 4, 7);
    int msi = (int) bridge.readConfig(0x34, 1);
    while (bridge.readConfig(msi, 1) != 5) {
      msi = (int) bridge.readConfig(msi + 1, 1);
    }
    bridge.writeConfig(msi + 4, 4, 0xFEE0_0000L);
    bridge.writeConfig(msi + 12, 2, 0x41);
    bridge.writeConfig(msi + 2, 2, 1);
  }

  private static MmioDevice answering() {
    return new MmioDevice() {
      @Override
      public long read(long offset, int sizeBytes) {
        return 7;
      }

      @Override
      public void write(long offset, int sizeBytes, long written) {}
    };
  }

  private long rootStatus() {
    return port.function().readConfig(AER + 0x30, 4);
  }

  @Test
  void writeThatNobodyAnswersIsLoggedAndToldToThePort() {
    memory.write(NOBODY, 4, 5);
    assertThat(device.readConfig(AER + 0x04, 4)).isEqualTo(UNSUPPORTED);
    assertThat(device.readConfig(AER + 0x18, 4) & 0x1F).as("first error").isEqualTo(20);
    assertThat(device.readConfig(AER + 0x1C, 4)).isEqualTo(0x4000_0001L);
    assertThat(device.readConfig(AER + 0x20, 4)).isEqualTo(0xF);
    assertThat(device.readConfig(AER + 0x24, 4)).isEqualTo(NOBODY);
    assertThat(device.readConfig(express + 0x0A, 2)).isEqualTo(NON_FATAL_AND_UNSUPPORTED);
    assertThat(rootStatus()).as("non-fatal").isEqualTo(1 << 2 | 1 << 5);
    assertThat(port.function().readConfig(AER + 0x36, 2)).as("source").isEqualTo(0x100);
    assertThat(messages).containsExactly(0x41);
  }

  @Test
  void secondMessageIsCountedAsMoreUntilTheFirstIsCleared() {
    memory.write(NOBODY, 4, 5);
    memory.write(NOBODY, 4, 5);
    assertThat(rootStatus()).isEqualTo(1 << 2 | 1 << 3 | 1 << 5);
    assertThat(messages).as("an edge").hasSize(1);
    port.function().writeConfig(AER + 0x30, 4, 0x7F);
    assertThat(rootStatus()).isZero();
    memory.write(NOBODY, 4, 5);
    assertThat(messages).hasSize(2);
  }

  @Test
  void readIsAdvisoryAndMaskedAtFirst() {
    assertThat(memory.read(NOBODY, 8)).isEqualTo(-1);
    assertThat(device.readConfig(AER + 0x10, 4)).as("advisory").isEqualTo(1 << 13);
    assertThat(device.readConfig(AER + 0x04, 4)).isZero();
    assertThat(messages).isEmpty();
  }

  @Test
  void maskedErrorIsNotedButNotTold() {
    device.writeConfig(AER + 0x08, 4, UNSUPPORTED);
    memory.write(NOBODY, 4, 5);
    assertThat(device.readConfig(AER + 0x04, 4)).isEqualTo(UNSUPPORTED);
    assertThat(rootStatus()).isZero();
    device.writeConfig(AER + 0x04, 4, UNSUPPORTED);
    assertThat(device.readConfig(AER + 0x04, 4)).isZero();
  }

  @Test
  void severityMakesItFatal() {
    device.writeConfig(AER + 0x0C, 4, UNSUPPORTED);
    device.writeConfig(express + 8, 2, 1 << 2 | 1 << 3);
    memory.read(NOBODY, 4);
    assertThat(rootStatus()).isEqualTo(1 << 2 | 1 << 4 | 1 << 6);
  }

  @Test
  void deviceAnswersWhereItsBarIsAndNobodyOutsideTheWindow() {
    assertThat(memory.read(BAR, 4)).isEqualTo(7);
    assertThat(memory.read(0xD000_0000L, 4)).isEqualTo(0xFFFF_FFFFL);
    port.function().writeConfig(PciRegister.COMMAND, 2, 4);
    memory.write(NOBODY, 4, 5);
    assertThat(device.readConfig(AER + 0x04, 4)).isZero();
  }

  @Test
  void refusedReadIsSeenInTheStatus() {
    device.readRefused();
    assertThat(device.readConfig(PciRegister.STATUS, 2) & PciRegister.STATUS_MASTER_ABORT)
        .isNotZero();
    device.writeConfig(PciRegister.STATUS, 2, PciRegister.STATUS_MASTER_ABORT);
    assertThat(device.readConfig(PciRegister.STATUS, 2) & PciRegister.STATUS_MASTER_ABORT).isZero();
  }

  @Test
  void furtherDevicesAreReachedWithAriForwardingAlone() {
    PciFunction far = new PciFunction("far", new PciIdentity(9, 9, 0, 0x02_0000));
    port.secondary().plug(1, 1, far);
    assertThat(root.readConfig(1, 9, 0, 2)).isEqualTo(0xFFFF);
    int capability = (int) port.function().readConfig(0x34, 1);
    assertThat(port.function().readConfig(capability + 0x24, 4) & 1 << 5).isNotZero();
    port.function().writeConfig(capability + 0x28, 2, 1 << 5);
    assertThat(root.readConfig(1, 9, 0, 2)).isEqualTo(9);
  }
}
