package dev.ringzero.vmm.acpi;

import dev.ringzero.vmm.machine.BoardLayout;

/**
 * The Multiple APIC Description Table.
 *
 * @spec ACPI Specification 6.5, "Multiple APIC Description Table (MADT)"
 */
final class Madt {
  private static final int LOCAL_APIC = 0;
  private static final int IO_APIC = 1;
  private static final int INTERRUPT_SOURCE_OVERRIDE = 2;
  private static final int LOCAL_APIC_NMI = 4;
  private static final int LOCAL_X2APIC = 9;
  private static final int LOCAL_X2APIC_NMI = 10;

  private static final int PCAT_COMPAT = 1; // there are 8259s too
  private static final int ENABLED = 1;
  private static final int ACTIVE_HIGH_LEVEL = 0xD;
  private static final int CONFORMS_TO_BUS = 0;
  private static final int LINT1 = 1;
  private static final long ALL_PROCESSORS = 0xFFFF_FFFFL;

  /** APIC IDs from here on need an x2APIC entry. */
  private static final int FIRST_X2APIC_ID = 255;

  private Madt() {}

  static byte[] table(int processors) {
    Table madt = new Table("APIC", 5).put(BoardLayout.LOCAL_APIC, 4).put(PCAT_COMPAT, 4);
    for (int id = 0; id < processors; id++) {
      processor(madt, id);
    }
    madt.put(IO_APIC, 1).put(12, 1).put(0, 1).zeros(1).put(BoardLayout.IOAPIC, 4).put(0, 4);
    override(madt, 0, BoardLayout.TIMER_GSI, CONFORMS_TO_BUS);
    override(madt, BoardLayout.SCI, BoardLayout.SCI, ACTIVE_HIGH_LEVEL);
    madt.put(LOCAL_APIC_NMI, 1).put(6, 1).put(0xFF, 1).put(CONFORMS_TO_BUS, 2).put(LINT1, 1);
    if (processors > FIRST_X2APIC_ID) {
      madt.put(LOCAL_X2APIC_NMI, 1).put(12, 1).put(CONFORMS_TO_BUS, 2);
      madt.put(ALL_PROCESSORS, 4).put(LINT1, 1).zeros(3);
    }
    return madt.toByteArray();
  }

  private static void processor(Table madt, int id) {
    if (id < FIRST_X2APIC_ID) {
      madt.put(LOCAL_APIC, 1).put(8, 1).put(id, 1).put(id, 1).put(ENABLED, 4);
    } else {
      madt.put(LOCAL_X2APIC, 1).put(16, 1).zeros(2).put(id, 4).put(ENABLED, 4).put(id, 4);
    }
  }

  private static void override(Table madt, int irq, int gsi, int flags) {
    madt.put(INTERRUPT_SOURCE_OVERRIDE, 1).put(10, 1).put(0, 1).put(irq, 1);
    madt.put(gsi, 4).put(flags, 2);
  }
}
