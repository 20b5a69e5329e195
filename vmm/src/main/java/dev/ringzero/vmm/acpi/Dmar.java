package dev.ringzero.vmm.acpi;

import dev.ringzero.devices.iommu.Iommu;
import dev.ringzero.vmm.machine.BoardLayout;

/**
 * The table that tells of the IOMMU.
 *
 * @spec Intel VT-d 4.1, "DMA Remapping Reporting Structure"
 */
final class Dmar {
  private static final int INTERRUPT_REMAPPING = 1;
  private static final int REMAPPING_UNIT = 0;
  private static final int ALL_OF_PCI = 1;
  private static final int IO_APIC_SCOPE = 3;

  private Dmar() {}

  static byte[] table() {
    Table dmar = new Table("DMAR", 1).put(Iommu.ADDRESS_BITS - 1, 1).put(INTERRUPT_REMAPPING, 1);
    dmar.zeros(10);
    dmar.put(REMAPPING_UNIT, 2).put(16 + 8, 2).put(ALL_OF_PCI, 1).zeros(1).put(0, 2);
    dmar.put(BoardLayout.IOMMU, 8);
    dmar.put(IO_APIC_SCOPE, 1).put(8, 1).zeros(2).put(0, 1);
    dmar.put(BoardLayout.IOAPIC_REQUESTER >>> 8, 1).put(0, 2);
    return dmar.toByteArray();
  }
}
