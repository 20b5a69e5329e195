package dev.ringzero.control.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class HostDeviceDriversTest {
  private static final String ADDRESS = "0000:03:00.0";

  @TempDir private Path root;

  private void plug(String vendor, String modalias) throws IOException {
    Path device = Files.createDirectories(root.resolve("sys/bus/pci/devices").resolve(ADDRESS));
    Files.writeString(device.resolve("vendor"), vendor + "\n");
    Files.writeString(device.resolve("modalias"), modalias + "\n");
  }

  private void list(String lines) throws IOException {
    Files.writeString(
        Files.createDirectories(root.resolve("proc/sys/kernel")).resolve("osrelease"), "6.1.0\n");
    Files.writeString(
        Files.createDirectories(root.resolve("lib/modules/6.1.0")).resolve("modules.alias"), lines);
  }

  @Test
  void virtioIsDrivenByTheUsualKernelsModules() throws IOException {
    plug("0x1af4", "pci:v00001AF4d00001041sv00001AF4sd00001100bc02sc00i00");
    HostDeviceDrivers drivers = HostDeviceDrivers.of(ADDRESS, root);
    assertThat(drivers.modules()).contains("virtio_pci", "virtio_net");
    assertThat(drivers.needsGeneralKernel()).isFalse();
  }

  @Test
  void hostsListOfModulesNamesTheDrivers() throws IOException {
    plug("0x144d", "pci:v0000144Dd0000A808sv0000144Dsd0000A801bc01sc08i02");
    list(
        """
        # Aliases extracted from modules themselves.
        alias pci:v0000144Dd0000A809sv*sd*bc*sc*i* other
        alias pci:v*d*sv*sd*bc01sc08i02* nvme
        alias pci:v*d*sv*sd*bc01sc08i03 wrong
        alias usb:v144Dp* nothing
        """);
    HostDeviceDrivers drivers = HostDeviceDrivers.of(ADDRESS, root);
    assertThat(drivers.modules()).containsExactly("nvme");
    assertThat(drivers.needsGeneralKernel()).isTrue();
  }

  @Test
  void intelCardsAreKnownWithoutAList() throws IOException {
    plug("0x8086", "pci:v00008086d000010CAsv00008086sd0000A03Cbc02sc00i00");
    assertThat(HostDeviceDrivers.of(ADDRESS, root).modules()).containsExactly("igb", "igbvf");
  }

  @Test
  void functionThatIsNotThereHasNoDrivers() {
    assertThat(HostDeviceDrivers.of(ADDRESS, root).modules()).isEmpty();
  }
}
