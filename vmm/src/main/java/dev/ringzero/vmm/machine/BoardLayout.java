package dev.ringzero.vmm.machine;

import dev.ringzero.devices.lapic.LocalApic;
import dev.ringzero.devices.pci.EcamWindow;
import dev.ringzero.memory.RamRange;
import java.util.List;

/**
 * Where the board's devices lie in guest-physical space, and how its interrupts are numbered. RAM
 * reaches up to {@link #LOW_RAM_END} and goes on at 4 GiB.
 */
public final class BoardLayout {
  /** End of RAM below 4 GiB. */
  public static final long LOW_RAM_END = 0xC000_0000L;

  /** Window for memory BARs below 4 GiB. */
  public static final long PCI_WINDOW = LOW_RAM_END;

  public static final long PCI_WINDOW_BYTES = 0x2000_0000L;

  /** Configuration space of PCI as memory. */
  public static final long ECAM = 0xE000_0000L;

  public static final int ECAM_BUSES = 256;
  public static final long ECAM_BYTES = ECAM_BUSES * EcamWindow.BYTES_PER_BUS;

  public static final long IOAPIC = 0xFEC0_0000L;
  public static final long HPET = 0xFED0_0000L;
  public static final long IOMMU = 0xFED9_0000L;

  /** The I/O APIC's requester ID: device 0 of a bus that nobody else is on. */
  public static final int IOAPIC_REQUESTER = 0xFF00;

  public static final long LOCAL_APIC = LocalApic.DEFAULT_BASE;

  /** Window for 64-bit memory BARs; needs 40 bits of physical address, and RAM ends below it. */
  public static final long PCI_WINDOW_64 = 0xC0_0000_0000L;

  public static final long PCI_WINDOW_64_BYTES = 0x40_0000_0000L;

  /** The system control interrupt, level-triggered. */
  public static final int SCI = 9;

  /** The general-purpose event for a machine that became another. */
  public static final int GENERATION_EVENT = 5;

  /** The I/O APIC's pin for IRQ 0 of the 8254. */
  public static final int TIMER_GSI = 2;

  /** The first of four I/O APIC pins for PCI's INTA# to INTD#. */
  public static final int PCI_FIRST_GSI = 16;

  /** What a kernel must leave alone beyond what its firmware tables say. */
  public static final List<RamRange> RESERVED = List.of(new RamRange(ECAM, ECAM_BYTES));

  private BoardLayout() {}
}
