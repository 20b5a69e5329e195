package dev.ringzero.kvm.vfio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringzero.kvm.vfio.PassedFunction.Signal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Against a stand-in for the kernel; {@code scripts/vfio-check} has a real one. */
@Timeout(20)
final class VfioDeviceTest {
  private static final String ADDRESS = "0000:03:00.0";

  @TempDir private Path sys;
  private final FakeVfio kernel = new FakeVfio();
  private Path place;

  @BeforeEach
  void makeSys() throws IOException {
    place = Files.createDirectories(sys.resolve("bus/pci/devices").resolve(ADDRESS));
    Path driver = Files.createDirectories(sys.resolve("bus/pci/drivers/vfio-pci"));
    Path group = Files.createDirectories(sys.resolve("kernel/iommu_groups/17"));
    Files.createSymbolicLink(place.resolve("driver"), driver);
    Files.createSymbolicLink(place.resolve("iommu_group"), group);
  }

  private VfioDevice open() {
    return VfioDevice.open(ADDRESS, sys, kernel);
  }

  @Test
  void deviceIsTakenThroughItsGroupAndAContainer() {
    try (VfioDevice device = open()) {
      assertThat(kernel.told)
          .containsExactly(
              "open /dev/vfio/vfio",
              "VFIO_GET_API_VERSION 0",
              "VFIO_CHECK_EXTENSION 3",
              "open /dev/vfio/17",
              "VFIO_GROUP_SET_CONTAINER 10",
              "VFIO_SET_IOMMU 3",
              "VFIO_GROUP_GET_DEVICE_FD " + ADDRESS);
      assertThat(device.barBytes(0)).isEqualTo(4096);
      assertThat(device.barBytes(1)).isZero();
      assertThat(device.vectors(Signal.MSIX)).isEqualTo(3);
    }
    assertThat(kernel.told).as("given back as after a reset").endsWith("VFIO_DEVICE_RESET 0");
  }

  @Test
  void ramIsMappedAtTheGuestsAddressForReadsAndWrites() {
    try (VfioDevice device = open()) {
      device.map(0x7000_0000_0000L, 0x8000_0000L, 0x1_0000_0000L);
      assertThat(kernel.told)
          .endsWith("VFIO_IOMMU_MAP_DMA flags 3 0x700000000000 at 0x100000000 + 0x80000000");
    }
  }

  @Test
  void configurationSpaceAndBarsAreReadAndWrittenWithinTheirBounds() {
    try (VfioDevice device = open()) {
      kernel.config[0] = (byte) 0x86;
      kernel.config[1] = (byte) 0x80;
      assertThat(device.readConfig(0, 2)).isEqualTo(0x8086);
      device.writeConfig(4, 2, 0x0406);
      assertThat(kernel.config[5]).isEqualTo((byte) 4);
      device.write(0, 8, 8, 0x1122_3344_5566_7788L);
      assertThat(device.read(0, 12, 4)).isEqualTo(0x1122_3344L);
      assertThat(device.read(0, 4096, 4)).as("behind its end").isEqualTo(0xFFFF_FFFFL);
      assertThat(device.read(1, 0, 1)).as("no such BAR").isEqualTo(0xFF);
    }
  }

  @Test
  void interruptsComeByCountersOneForEachVector() throws InterruptedException {
    BlockingQueue<Integer> signalled = new LinkedBlockingQueue<>();
    try (VfioDevice device = open()) {
      device.enableInterrupts(Signal.MSIX, signalled::add);
      assertThat(kernel.told).endsWith("VFIO_DEVICE_SET_IRQS flags 0x24 index 2 count 3");
      kernel.interrupts.add(2);
      assertThat(signalled.take()).isEqualTo(2);
      device.disableInterrupts();
      assertThat(kernel.told).endsWith("VFIO_DEVICE_SET_IRQS flags 0x21 index 2 count 0");
      device.enableInterrupts(Signal.MSI, signalled::add);
      assertThat(kernel.told).endsWith("VFIO_DEVICE_SET_IRQS flags 0x24 index 1 count 3");
      kernel.interrupts.add(1);
      assertThat(signalled.take()).isEqualTo(1);
    }
  }

  @Test
  void piecesOfABarThatTheKernelNamesAreMappedAsFarAsTheyAreWholePages() {
    kernel.pieces = new long[][] {{0x1000, 0x2000}, {0x4800, 0x1000}};
    try (VfioDevice device = open()) {
      assertThat(kernel.told).endsWith("map 0x2000 at 0x1000");
      assertThat(device.areas(0))
          .containsExactly(new PassedFunction.Area(0x1000, 0x2000, 0x7F00_0000_0000L));
      assertThat(device.areas(4)).isEmpty();
    }
    assertThat(kernel.told).contains("unmap 0x2000 at 0x7f0000000000");
  }

  @Test
  void whatStandsInTheWayIsOneLine() throws IOException {
    assertThatThrownBy(() -> VfioDevice.open("0000:09:00.0", sys, kernel))
        .hasMessage("this host has no PCI function 0000:09:00.0: lspci -D lists them");
    kernel.viable = false;
    assertThatThrownBy(this::open)
        .hasMessageStartingWith("other functions in the group of 0000:03:00.0 have drivers");
    kernel.opens = false;
    assertThatThrownBy(this::open)
        .hasMessage("VFIO does not let us open /dev/vfio/vfio for 0000:03:00.0: error 2");
    Files.delete(place.resolve("driver"));
    Files.createSymbolicLink(
        place.resolve("driver"), Files.createDirectories(sys.resolve("bus/pci/drivers/igb")));
    assertThatThrownBy(this::open)
        .hasMessageStartingWith("the driver of 0000:03:00.0 is igb: give it to vfio-pci first");
  }
}
