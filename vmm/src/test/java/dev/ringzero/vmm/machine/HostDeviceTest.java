package dev.ringzero.vmm.machine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.devices.pci.PciBus;
import dev.ringzero.devices.pci.PciFunction;
import dev.ringzero.kvm.vfio.PassedFunction;
import dev.ringzero.memory.DeviceBus;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A function of the host, played by the test, as its guest sees it. */
final class HostDeviceTest {
  private static final int COMMAND = 0x04;
  private static final int BAR0 = 0x10;
  private static final int VENDOR_CAPABILITY = 0x60;
  private static final long WINDOW = 0xC000_0000L;
  private static final long RAM = 0x10_0000L;

  private final Played host = new Played();
  private final DeviceBus bus = new DeviceBus();
  private final List<String> messages = new ArrayList<>();
  private final Set<String> mapped = new TreeSet<>();
  private final HostDevice.BarMemory direct =
      new HostDevice.BarMemory() {
        @Override
        public boolean add(long gpa, long lengthBytes, long hostAddress) {
          host.told.add("mapped");
          return gpa != RAM && mapped.add("%x + %x at %x".formatted(gpa, lengthBytes, hostAddress));
        }

        @Override
        public void remove(long gpa) {
          mapped.removeIf(place -> place.startsWith("%x ".formatted(gpa)));
        }
      };
  private PciFunction function;

  /**
   * BAR 0 of 4 KiB in 64 bits that can be mapped, BAR 4 of 32 ports, two vectors of each kind, a
   * capability of its maker's.
   */
  private static final class Played implements PassedFunction {
    final byte[] config = new byte[256];
    final byte[] memory = new byte[4096];
    final List<String> told = new ArrayList<>();
    IntConsumer signalled;

    void put(int offset, int sizeBytes, long value) {
      for (int i = 0; i < sizeBytes; i++) {
        config[offset + i] = (byte) (value >>> 8 * i);
      }
    }

    private static long get(byte[] bytes, int offset, int sizeBytes) {
      long value = 0;
      for (int i = sizeBytes - 1; i >= 0; i--) {
        value = value << 8 | bytes[offset + i] & 0xFF;
      }
      return value;
    }

    @Override
    public String address() {
      return "0000:03:00.0";
    }

    @Override
    public long barBytes(int bar) {
      return bar == 0 ? 4096 : bar == 4 ? 32 : 0;
    }

    @Override
    public List<Area> areas(int bar) {
      return bar == 0 ? List.of(new Area(0, 4096, 0x7000)) : List.of();
    }

    @Override
    public int vectors(Signal signal) {
      return 2;
    }

    @Override
    public long readConfig(int offset, int sizeBytes) {
      return get(config, offset, sizeBytes);
    }

    @Override
    public void writeConfig(int offset, int sizeBytes, long value) {
      told.add("config 0x%x %d 0x%x".formatted(offset, sizeBytes, value));
      put(offset, sizeBytes, value);
    }

    @Override
    public long read(int region, long offset, int sizeBytes) {
      return region == 0 ? get(memory, (int) offset, sizeBytes) : 0x40 + offset;
    }

    @Override
    public void write(int region, long offset, int sizeBytes, long value) {
      told.add("region %d 0x%x %d 0x%x".formatted(region, offset, sizeBytes, value));
    }

    @Override
    public void enableInterrupts(Signal signal, IntConsumer to) {
      told.add("interrupts " + signal);
      signalled = to;
    }

    @Override
    public void disableInterrupts() {
      signalled = null;
    }

    @Override
    public void reset() {
      told.add("reset");
    }
  }

  @BeforeEach
  void plug() {
    host.put(0x00, 4, 0x10C9_8086L);
    host.put(0x08, 4, 0x0200_0001L);
    host.put(0x10, 4, 0x4);
    host.put(0x20, 4, 0x1);
    host.put(0x34, 1, VENDOR_CAPABILITY);
    host.put(VENDOR_CAPABILITY, 4, 0x01_08_00_09L);
    host.put(VENDOR_CAPABILITY + 4, 4, 0xCAFEL);
    function =
        new HostDevice(host, (address, data) -> messages.add("%x".formatted(data)), direct)
            .function();
    new PciBus(bus, a -> {}, a -> {}, a -> {}, a -> {}).plug(3, 0, function);
  }

  private int capability(int id) {
    int at = (int) function.readConfig(0x34, 1);
    while (at != 0 && function.readConfig(at, 1) != id) {
      at = (int) function.readConfig(at + 1, 1);
    }
    return at;
  }

  @Test
  void identityIsTheHosts() {
    assertThat(function.readConfig(0, 4)).isEqualTo(0x10C9_8086L);
    assertThat(function.readConfig(8, 4)).isEqualTo(0x0200_0001L);
  }

  @Test
  void barsAnswerWhereTheGuestPlacesThem() {
    host.memory[8] = 0x77;
    function.writeConfig(BAR0, 4, WINDOW);
    function.writeConfig(0x20, 4, 0xE000);
    function.writeConfig(COMMAND, 2, 3);
    assertThat(bus.read(WINDOW + 8, 4)).isEqualTo(0x77);
    bus.write(WINDOW + 16, 8, 5);
    assertThat(host.told).endsWith("config 0x4 2 0x3", "region 0 0x10 8 0x5");
    assertThat(bus.readPort(0xE004, 1)).isEqualTo(0x44);
  }

  @Test
  void barsThatTheHostLetsUsMapAreReachedWithoutAnExitWhereTheGuestPlacesThem() {
    function.writeConfig(BAR0, 4, WINDOW);
    assertThat(mapped).as("memory is off").isEmpty();
    function.writeConfig(COMMAND, 2, 2);
    assertThat(mapped).containsExactly("c0000000 + 1000 at 7000");
    function.writeConfig(BAR0, 4, WINDOW + 0x1000);
    assertThat(mapped).containsExactly("c0001000 + 1000 at 7000");
    function.writeConfig(BAR0, 4, RAM);
    assertThat(mapped).as("refused where RAM is").isEmpty();
    host.memory[8] = 0x77;
    assertThat(bus.read(RAM + 8, 4)).as("then by exits").isEqualTo(0x77);
    function.writeConfig(BAR0, 4, WINDOW);
    function.reset();
    assertThat(mapped).as("a reset takes the BAR away").isEmpty();
  }

  @Test
  void deviceIsToldThatMemoryIsOnBeforeItsMemoryIsReached() {
    function.writeConfig(BAR0, 4, WINDOW);
    function.writeConfig(COMMAND, 2, 6);
    assertThat(host.told).containsSubsequence("config 0x4 2 0x6", "mapped");
  }

  @Test
  void interruptsOfADriverThatUsesMsiGoByItsMessage() {
    int msi = capability(0x05);
    function.writeConfig(COMMAND, 2, 6);
    function.writeConfig(msi + 4, 8, 0xFEE0_0000L);
    function.writeConfig(msi + 12, 2, 0x40);
    function.writeConfig(msi + 2, 2, 0x11);
    assertThat(host.told).endsWith("interrupts MSI");
    host.signalled.accept(1);
    assertThat(messages).containsExactly("41");
    function.writeConfig(msi + 2, 2, 0);
    assertThat(host.signalled).isNull();
  }

  @Test
  void capabilitiesOfTheMakerAreReadFromAndWrittenToTheHost() {
    int at = capability(0x09);
    assertThat(function.readConfig(at + 4, 4)).isEqualTo(0xCAFE);
    function.writeConfig(at + 4, 4, 0xBEEF);
    assertThat(host.told).endsWith("config 0x64 4 0xbeef");
    host.put(VENDOR_CAPABILITY + 4, 4, 0x1234);
    assertThat(function.readConfig(at + 4, 4)).isEqualTo(0x1234);
  }

  @Test
  void interruptsGoByTheMachinesOwnTable() {
    int msix = capability(0x11);
    int bar = (int) function.readConfig(msix + 4, 4) & 7;
    function.writeConfig(BAR0 + 4 * bar, 4, 0xC100_0000L);
    function.writeConfig(COMMAND, 2, 6);
    bus.write(0xC100_0010L, 8, 0xFEE0_0000L);
    bus.write(0xC100_0018L, 4, 0x42);
    bus.write(0xC100_001CL, 4, 0);
    assertThat(host.signalled).isNull();
    function.writeConfig(msix + 2, 2, 0x8000);
    host.signalled.accept(1);
    assertThat(messages).containsExactly("42");
    function.writeConfig(msix + 2, 2, 0);
    assertThat(host.signalled).isNull();
  }

  @Test
  void resetOfTheFunctionIsTheHostsReset() {
    function.reset();
    assertThat(host.told).contains("reset");
  }
}
