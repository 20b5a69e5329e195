package dev.ringzero.devices.virtio;

/**
 * Kinds of virtio devices.
 *
 * @spec Virtual I/O Device (VIRTIO) 1.2, "Device Types"
 */
public enum VirtioType {
  NETWORK(1, 0x02_0000),
  BLOCK(2, 0x01_0000),
  CONSOLE(3, 0x07_8000),
  ENTROPY(4, 0x10_0000),
  BALLOON(5, 0x05_0000),
  SOCKET(19, 0x07_8000),
  FILE_SYSTEM(26, 0x01_8000);

  private final int id;
  private final int pciClass;

  VirtioType(int id, int pciClass) {
    this.id = id;
    this.pciClass = pciClass;
  }

  /** The number of the device type. */
  public int id() {
    return id;
  }

  /** Class, subclass and interface as a PCI function. */
  public int pciClass() {
    return pciClass;
  }
}
