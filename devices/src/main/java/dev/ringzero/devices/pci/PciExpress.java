package dev.ringzero.devices.pci;

/**
 * The PCI Express capability of a function, version 2.
 *
 * @spec PCI Express Base Specification 5.0, "PCI Express Capability Structure"
 */
public final class PciExpress {
  static final int ID = 0x10;
  static final int BYTES = 0x3C;

  private static final int CAPABILITIES = 0x02;
  static final int DEVICE_CAPABILITIES = 0x04;
  static final int DEVICE_CONTROL = 0x08;
  static final int DEVICE_STATUS = 0x0A;
  static final int LINK_CAPABILITIES = 0x0C;
  static final int LINK_CONTROL = 0x10;
  static final int LINK_STATUS = 0x12;
  static final int SLOT_CAPABILITIES = 0x14;
  static final int SLOT_CONTROL = 0x18;
  static final int SLOT_STATUS = 0x1A;
  private static final int ROOT_CONTROL = 0x1C;
  private static final int ROOT_STATUS = 0x20;
  static final int DEVICE_CAPABILITIES_2 = 0x24;
  static final int DEVICE_CONTROL_2 = 0x28;
  private static final int LINK_CONTROL_2 = 0x30;

  private static final int VERSION_2 = 2;
  static final int SLOT_IMPLEMENTED = 1 << 8;
  private static final int ROLE_BASED_ERRORS = 1 << 15;
  private static final int FUNCTION_LEVEL_RESET = 1 << 28;
  private static final int INITIATE_FUNCTION_LEVEL_RESET = 1 << 15;
  private static final int DEVICE_CONTROL_WRITABLE = 0x78FF;
  private static final int DEVICE_CONTROL_DEFAULT = 0x2810; // relaxed order, no snoop, 512 bytes
  private static final int DEVICE_STATUS_CLEARABLE = 0x000F;
  private static final int LINK_2_5_GT_BY_1 = 1 << 4 | 1;
  private static final int LINK_CONTROL_WRITABLE = 0x0FDB;
  private static final int PME_STATUS = 1 << 16;
  static final int ARI_FORWARDING = 1 << 5; // supported, and enabled

  /** What a function is in the fabric, with the number that its capability tells. */
  public enum Type {
    ENDPOINT(0),
    ROOT_PORT(4),
    /** An endpoint on the root bus. */
    ROOT_COMPLEX_ENDPOINT(9);

    private final int number;

    Type(int number) {
      this.number = number;
    }
  }

  private PciExpress() {}

  /**
   * Adds the capability to a function; endpoints get function-level reset with it.
   *
   * @return offset of the capability
   */
  public static int add(PciFunction function, Type type) {
    int offset = function.addCapability(ID, BYTES);
    ConfigSpace config = function.config();
    int slot = type == Type.ROOT_PORT ? SLOT_IMPLEMENTED : 0;
    config.set(offset + CAPABILITIES, 2, VERSION_2 | type.number << 4 | slot);
    config.set(
        offset + DEVICE_CAPABILITIES,
        4,
        ROLE_BASED_ERRORS | (type == Type.ROOT_PORT ? 0 : FUNCTION_LEVEL_RESET));
    config.set(offset + DEVICE_CONTROL, 2, DEVICE_CONTROL_DEFAULT);
    config.setWritable(offset + DEVICE_CONTROL, 2, DEVICE_CONTROL_WRITABLE);
    config.setClearable(offset + DEVICE_STATUS, 2, DEVICE_STATUS_CLEARABLE);
    if (type != Type.ROOT_COMPLEX_ENDPOINT) {
      addLink(config, offset);
    }
    if (type == Type.ROOT_PORT) {
      config.setWritable(offset + ROOT_CONTROL, 2, 0x1F);
      config.setClearable(offset + ROOT_STATUS, 4, PME_STATUS);
      config.set(offset + DEVICE_CAPABILITIES_2, 4, ARI_FORWARDING);
      config.setWritable(offset + DEVICE_CONTROL_2, 2, ARI_FORWARDING);
    } else {
      addFunctionLevelReset(function, offset);
    }
    return offset;
  }

  private static void addLink(ConfigSpace config, int offset) {
    config.set(offset + LINK_CAPABILITIES, 4, LINK_2_5_GT_BY_1);
    config.setWritable(offset + LINK_CONTROL, 2, LINK_CONTROL_WRITABLE);
    config.set(offset + LINK_STATUS, 2, LINK_2_5_GT_BY_1);
    config.set(offset + LINK_CONTROL_2, 2, 1);
  }

  /** The bit that starts the reset reads as zero, so it is caught as it is written. */
  private static void addFunctionLevelReset(PciFunction function, int offset) {
    ConfigSpace config = function.config();
    int register = offset + DEVICE_CONTROL;
    config.setWritable(register, 2, DEVICE_CONTROL_WRITABLE | INITIATE_FUNCTION_LEVEL_RESET);
    function.onConfigWrite((at, size) -> {
      long control = config.read(register, 2);
      if ((control & INITIATE_FUNCTION_LEVEL_RESET) != 0) {
        config.set(register, 2, control & ~INITIATE_FUNCTION_LEVEL_RESET);
        function.reset();
      }
    });
  }
}
