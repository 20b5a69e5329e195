package dev.ringzero.devices.chipset;

import dev.ringzero.devices.acpi.AcpiPower;
import dev.ringzero.devices.pci.PciFunction;
import dev.ringzero.devices.pci.PciIdentity;
import dev.ringzero.devices.pci.PciRegister;

/**
 * The functions by which systems know this chipset: the Q35 host bridge and the ISA bridge of the
 * I/O Controller Hub 9. Their registers tell where the board has what it has; writing moves
 * nothing.
 *
 * @spec Intel 3 Series Express Chipset datasheet, "DRAM Controller Registers (D0:F0)"; Intel I/O
 *     Controller Hub 9 datasheet, "LPC Interface Bridge Registers (D31:F0)"
 */
public final class Q35 {
  public static final int HOST_BRIDGE_DEVICE = 0;
  public static final int ISA_BRIDGE_DEVICE = 31;

  private static final int INTEL = 0x8086;
  private static final int HOST_BRIDGE = 0x29C0;
  private static final int HOST_BRIDGE_CLASS = 0x06_0000;
  private static final int ISA_BRIDGE = 0x2918;
  private static final int ISA_BRIDGE_CLASS = 0x06_0100;

  private static final int PCIEXBAR = 0x60; // PCI Express Register Range Base Address
  private static final int PCIEXBAREN = 1 << 0;
  private static final int PCIEXBAR_128_MIB = 1 << 1;
  private static final int PCIEXBAR_64_MIB = 2 << 1;

  private static final int PMBASE = 0x40; // ACPI Base Address
  private static final int ACPI_CNTL = 0x44; // ACPI Control
  private static final int ACPI_EN = 1 << 7;
  private static final int PIRQ_ROUT = 0x60; // PIRQ[A-D] Routing Control
  private static final int PIRQ_ROUT_HIGH = 0x68; // PIRQ[E-H] Routing Control
  private static final long NOT_ROUTED = 0x8080_8080L;

  private Q35() {}

  /**
   * Makes the host bridge.
   *
   * @param ecamBase where configuration space lies in memory
   * @param ecamBuses buses it covers: 64, 128 or 256
   */
  public static PciFunction hostBridge(long ecamBase, int ecamBuses) {
    PciFunction bridge =
        new PciFunction("host-bridge", new PciIdentity(INTEL, HOST_BRIDGE, 2, HOST_BRIDGE_CLASS));
    int length =
        switch (ecamBuses) {
          case 64 -> PCIEXBAR_64_MIB;
          case 128 -> PCIEXBAR_128_MIB;
          case 256 -> 0;
          default -> throw new IllegalArgumentException("ECAM of " + ecamBuses + " buses");
        };
    bridge.config().set(PCIEXBAR, 8, ecamBase | length | PCIEXBAREN);
    return bridge;
  }

  /** Makes the ISA bridge. */
  public static PciFunction isaBridge() {
    PciFunction bridge =
        new PciFunction("isa-bridge", new PciIdentity(INTEL, ISA_BRIDGE, 2, ISA_BRIDGE_CLASS));
    bridge.config().set(PciRegister.HEADER_TYPE, 1, PciRegister.HEADER_MULTI_FUNCTION);
    bridge.config().set(PciRegister.COMMAND, 2, 0x7);
    bridge.config().setWritable(PciRegister.COMMAND, 2, 0);
    bridge.config().set(PMBASE, 4, AcpiPower.PORT | 1);
    bridge.config().set(ACPI_CNTL, 1, ACPI_EN);
    bridge.config().set(PIRQ_ROUT, 4, NOT_ROUTED);
    bridge.config().set(PIRQ_ROUT_HIGH, 4, NOT_ROUTED);
    return bridge;
  }
}
