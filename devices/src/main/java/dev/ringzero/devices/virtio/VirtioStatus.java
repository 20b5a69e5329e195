package dev.ringzero.devices.virtio;

/**
 * Bits of the device status field.
 *
 * @spec Virtual I/O Device (VIRTIO) 1.2, "Device Status Field"
 */
public final class VirtioStatus {
  public static final int ACKNOWLEDGE = 1 << 0;
  public static final int DRIVER = 1 << 1;
  public static final int DRIVER_OK = 1 << 2;
  public static final int FEATURES_OK = 1 << 3;
  public static final int DEVICE_NEEDS_RESET = 1 << 6;
  public static final int FAILED = 1 << 7;

  private VirtioStatus() {}
}
