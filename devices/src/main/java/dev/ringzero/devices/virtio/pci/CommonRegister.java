package dev.ringzero.devices.virtio.pci;

/**
 * Offsets of the common configuration structure.
 *
 * @spec Virtual I/O Device (VIRTIO) 1.2, "Common configuration structure layout"
 */
final class CommonRegister {
  static final int DEVICE_FEATURE_SELECT = 0x00;
  static final int DEVICE_FEATURE = 0x04;
  static final int DRIVER_FEATURE_SELECT = 0x08;
  static final int DRIVER_FEATURE = 0x0C;
  static final int CONFIG_MSIX_VECTOR = 0x10;
  static final int NUM_QUEUES = 0x12;
  static final int DEVICE_STATUS = 0x14;
  static final int CONFIG_GENERATION = 0x15;
  static final int QUEUE_SELECT = 0x16;
  static final int QUEUE_SIZE = 0x18;
  static final int QUEUE_MSIX_VECTOR = 0x1A;
  static final int QUEUE_ENABLE = 0x1C;
  static final int QUEUE_NOTIFY_OFF = 0x1E;
  static final int QUEUE_DESC = 0x20;
  static final int QUEUE_DRIVER = 0x28;
  static final int QUEUE_DEVICE = 0x30;
  static final int BYTES = 0x38;

  private CommonRegister() {}

  /** The width of the register that begins at an offset, or 0. */
  static int widthAt(long offset) {
    return switch ((int) offset) {
      case DEVICE_STATUS, CONFIG_GENERATION -> 1;
      case CONFIG_MSIX_VECTOR,
          NUM_QUEUES,
          QUEUE_SELECT,
          QUEUE_SIZE,
          QUEUE_MSIX_VECTOR,
          QUEUE_ENABLE,
          QUEUE_NOTIFY_OFF ->
          2;
      case DEVICE_FEATURE_SELECT, DEVICE_FEATURE, DRIVER_FEATURE_SELECT, DRIVER_FEATURE -> 4;
      case QUEUE_DESC, QUEUE_DRIVER, QUEUE_DEVICE -> 8;
      default -> 0;
    };
  }
}
