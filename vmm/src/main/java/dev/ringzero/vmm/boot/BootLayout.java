package dev.ringzero.vmm.boot;

/**
 * Where things stand in the first megabyte when the guest begins. Page 0 stays free, and so does
 * all that follows the command line, for ACPI and the start-up code of further processors.
 */
public final class BootLayout {
  public static final long GDT = 0x500;
  public static final long START_INFO = 0x1000;
  public static final long ZERO_PAGE = 0x7000;
  public static final long STACK_TOP = 0x9000;
  public static final long PAGE_TABLES = 0x9000;
  public static final long COMMAND_LINE = 0x2_0000;

  /** From here to {@link #BIOS_END} nothing is the kernel's: firmware's data, VGA, firmware. */
  public static final long BIOS_DATA = 0x9_FC00;

  public static final long VGA = 0xA_0000;

  /** ACPI's tables are found from here on. */
  public static final long BIOS = 0xE_0000;

  /** The system management tables are found from here on. */
  public static final long SMBIOS = 0xF_0000;

  /** 16 bytes that are others when the machine is a copy of what it was before. */
  public static final long GENERATION_ID = 0xF_F000;

  public static final long BIOS_END = 0x10_0000;

  static final int CODE_SELECTOR = 0x10;
  static final int DATA_SELECTOR = 0x18;
  static final int TSS_SELECTOR = 0x20;
  static final int GDT_BYTES = 0x30;
  static final int LONGEST_COMMAND_LINE = 0x1_0000;

  private BootLayout() {}
}
