package dev.ringzero.vmm.acpi;

import dev.ringzero.devices.acpi.AcpiPower;
import dev.ringzero.devices.chipset.ResetControl;
import dev.ringzero.devices.hpet.Hpet;
import dev.ringzero.vmm.machine.BoardLayout;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The ACPI tables of a machine, ready to be put into its memory. The root pointer stands first.
 *
 * @param gpa where they belong: in low memory from 0xE0000 on, where systems look for the pointer
 * @spec ACPI Specification 6.5, "ACPI System Description Tables"
 */
public record AcpiTables(long gpa, byte[] bytes) {
  private static final int RSDP_BYTES = 36;
  private static final int RSDP_V1_BYTES = 20;
  private static final int FACS_BYTES = 64;
  private static final int ALIGNMENT = 64;

  private static final int FADT_WBINVD = 1 << 0; // works
  private static final int FADT_PROC_C1 = 1 << 2; // HLT is C1
  private static final int FADT_SLP_BUTTON = 1 << 5; // there is no fixed sleep button
  private static final int FADT_FIX_RTC = 1 << 6; // RTC does not wake
  private static final int FADT_TMR_VAL_EXT = 1 << 8; // PM timer has 32 bits
  private static final int FADT_RESET_REG_SUP = 1 << 10;

  private static final int BOOT_LEGACY_DEVICES = 1 << 0;
  private static final int BOOT_NO_VGA = 1 << 2;

  private static final int CENTURY = 0x32; // register of the real-time clock
  private static final int NO_C2_LATENCY = 0xFFF;
  private static final int NO_C3_LATENCY = 0xFFF;

  /**
   * Makes the tables.
   *
   * @param gpa a multiple of 64 below 1 MiB
   * @param iommu whether there is one
   */
  public static AcpiTables of(long gpa, int processors, boolean iommu) {
    return new Layout(gpa).build(processors, iommu);
  }

  /** Address of the root pointer. */
  public long rsdpGpa() {
    return gpa;
  }

  /** Puts tables one behind the other. */
  private static final class Layout {
    private final long base;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    Layout(long base) {
      this.base = base;
    }

    AcpiTables build(int processors, boolean iommu) {
      out.writeBytes(new byte[ALIGNMENT]); // for the root pointer
      long facs = add(facs());
      long dsdt = add(Dsdt.table(processors));
      long fadt = add(fadt(facs, dsdt));
      long madt = add(Madt.table(processors));
      long mcfg = add(mcfg());
      long hpet = add(hpet());
      List<Long> tables = new ArrayList<>(List.of(fadt, madt, mcfg, hpet));
      if (iommu) {
        tables.add(add(Dmar.table()));
      }
      long xsdt = add(xsdt(tables));
      byte[] bytes = out.toByteArray();
      byte[] pointer = rootPointer(xsdt);
      System.arraycopy(pointer, 0, bytes, 0, pointer.length);
      return new AcpiTables(base, bytes);
    }

    private long add(byte[] table) {
      out.writeBytes(new byte[-out.size() & ALIGNMENT - 1]);
      long at = base + out.size();
      out.writeBytes(table);
      return at;
    }
  }

  private static byte[] rootPointer(long xsdt) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes("RSD PTR ".getBytes(StandardCharsets.US_ASCII));
    out.write(0);
    out.writeBytes("RINGZ ".getBytes(StandardCharsets.US_ASCII));
    out.write(2);
    out.writeBytes(Aml.littleEndian(0, 4)); // no RSDT
    out.writeBytes(Aml.littleEndian(RSDP_BYTES, 4));
    out.writeBytes(Aml.littleEndian(xsdt, 8));
    out.writeBytes(new byte[4]);
    byte[] pointer = out.toByteArray();
    pointer[8] = Table.checksum(pointer, RSDP_V1_BYTES);
    pointer[32] = Table.checksum(pointer, RSDP_BYTES);
    return pointer;
  }

  private static byte[] xsdt(List<Long> tables) {
    Table xsdt = new Table("XSDT", 1);
    for (long table : tables) {
      xsdt.put(table, 8);
    }
    return xsdt.toByteArray();
  }

  private static byte[] facs() {
    byte[] facs = new byte[FACS_BYTES];
    System.arraycopy("FACS".getBytes(StandardCharsets.US_ASCII), 0, facs, 0, 4);
    facs[4] = FACS_BYTES;
    facs[32] = 2; // version
    return facs;
  }

  /** The Fixed ACPI Description Table; see its figure in the specification for the order. */
  private static byte[] fadt(long facs, long dsdt) {
    int flags =
        FADT_WBINVD
            | FADT_PROC_C1
            | FADT_SLP_BUTTON
            | FADT_FIX_RTC
            | FADT_TMR_VAL_EXT
            | FADT_RESET_REG_SUP;
    Table fadt = new Table("FACP", 6);
    fadt.put(facs, 4).put(dsdt, 4).zeros(2).put(BoardLayout.SCI, 2);
    fadt.zeros(8); // no SMI command port: always in ACPI mode
    fadt.put(AcpiPower.PM1A_EVENT_PORT, 4).zeros(4);
    fadt.put(AcpiPower.PM1A_CONTROL_PORT, 4).zeros(4).zeros(4);
    fadt.put(AcpiPower.PM_TIMER_PORT, 4).put(AcpiPower.GPE0_PORT, 4).zeros(4);
    fadt.put(4, 1).put(2, 1).put(0, 1).put(4, 1); // lengths of PM1_EVT, PM1_CNT, PM2_CNT, PM_TMR
    fadt.put(AcpiPower.GPE0_PORTS, 1).zeros(3);
    fadt.put(NO_C2_LATENCY, 2).put(NO_C3_LATENCY, 2).zeros(8);
    fadt.put(CENTURY, 1).put(BOOT_LEGACY_DEVICES | BOOT_NO_VGA, 2).zeros(1);
    fadt.put(flags, 4).portAddress(ResetControl.PORT, 1).put(ResetControl.FULL_RESET, 1);
    fadt.zeros(2).put(5, 1); // minor version
    fadt.put(0, 8).put(dsdt, 8); // one FACS address only
    fadt.portAddress(AcpiPower.PM1A_EVENT_PORT, 4).portAddress(0, 0);
    fadt.portAddress(AcpiPower.PM1A_CONTROL_PORT, 2).portAddress(0, 0).portAddress(0, 0);
    fadt.portAddress(AcpiPower.PM_TIMER_PORT, 4);
    fadt.portAddress(AcpiPower.GPE0_PORT, AcpiPower.GPE0_PORTS).portAddress(0, 0);
    fadt.portAddress(0, 0).portAddress(0, 0).put(0, 8);
    return fadt.toByteArray();
  }

  /**
   * The PCI Express memory-mapped configuration table.
   *
   * @spec PCI Firmware Specification 3.2, "MCFG Table Description"
   */
  private static byte[] mcfg() {
    Table mcfg = new Table("MCFG", 1).zeros(8);
    mcfg.put(BoardLayout.ECAM, 8).put(0, 2).put(0, 1).put(BoardLayout.ECAM_BUSES - 1, 1).zeros(4);
    return mcfg.toByteArray();
  }

  /**
   * The HPET description table.
   *
   * @spec IA-PC HPET Specification 1.0a, "The ACPI 2.0 HPET Description Table"
   */
  private static byte[] hpet() {
    Table hpet = new Table("HPET", 1).put(Hpet.eventTimerBlockId(), 4);
    hpet.put(0, 1).put(64, 1).put(0, 1).put(0, 1).put(BoardLayout.HPET, 8);
    return hpet.put(0, 1).put(100, 2).put(0, 1).toByteArray();
  }
}
