package dev.ringzero.devices.pci;

/**
 * Offsets and bits of the configuration space header, types 0 and 1.
 *
 * @spec PCI Local Bus Specification 3.0, "Configuration Space Organization"
 */
public final class PciRegister {
  public static final int VENDOR_ID = 0x00;
  public static final int DEVICE_ID = 0x02;
  public static final int COMMAND = 0x04;
  public static final int STATUS = 0x06;
  public static final int REVISION_ID = 0x08;
  public static final int CLASS_CODE = 0x09; // three bytes: interface, subclass, class
  public static final int CACHE_LINE_SIZE = 0x0C;
  public static final int HEADER_TYPE = 0x0E;
  public static final int BAR0 = 0x10;
  public static final int BUS_NUMBERS = 0x18; // of bridges: primary, secondary, subordinate
  public static final int SECONDARY_BUS = 0x19;
  public static final int SUBORDINATE_BUS = 0x1A;
  public static final int IO_BASE = 0x1C; // of bridges: base and limit, a byte each
  public static final int MEMORY_BASE = 0x20; // of bridges: base and limit, two bytes each
  public static final int PREFETCHABLE_BASE = 0x24; // of bridges: base and limit
  public static final int PREFETCHABLE_UPPER = 0x28; // of bridges: upper halves of both
  public static final int IO_UPPER = 0x30; // of bridges: upper halves of both
  public static final int BRIDGE_CONTROL = 0x3E;
  public static final int SUBSYSTEM_VENDOR_ID = 0x2C;
  public static final int SUBSYSTEM_ID = 0x2E;
  public static final int CAPABILITIES_POINTER = 0x34;
  public static final int INTERRUPT_LINE = 0x3C;
  public static final int INTERRUPT_PIN = 0x3D;

  public static final int COMMAND_IO = 1 << 0; // I/O Space
  public static final int COMMAND_MEMORY = 1 << 1; // Memory Space
  public static final int COMMAND_MASTER = 1 << 2; // Bus Master
  public static final int COMMAND_INTX_DISABLE = 1 << 10; // Interrupt Disable

  public static final int STATUS_INTERRUPT = 1 << 3; // Interrupt Status
  public static final int STATUS_CAPABILITIES = 1 << 4; // Capabilities List
  public static final int STATUS_MASTER_ABORT = 1 << 13; // Received Master Abort
  public static final int STATUS_ERRORS = 0xF900; // all that are cleared by writing one

  public static final int HEADER_BRIDGE = 1;
  public static final int HEADER_MULTI_FUNCTION = 0x80;

  public static final int BRIDGE_CONTROL_SERR = 1 << 1; // SERR# Enable
  public static final int BRIDGE_CONTROL_RESET = 1 << 6; // Secondary Bus Reset

  public static final int BAR_IO = 1 << 0;
  public static final int BAR_64_BIT = 1 << 2;
  public static final int BAR_PREFETCHABLE = 1 << 3;

  private PciRegister() {}
}
