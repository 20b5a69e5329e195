package dev.ringzero.devices.pci;

/**
 * What a function says it is.
 *
 * @param classCode class, subclass and interface, from the top byte of 24 bits down
 */
public record PciIdentity(
    int vendorId,
    int deviceId,
    int revision,
    int classCode,
    int subsystemVendorId,
    int subsystemId) {

  /** A function without subsystem. */
  public PciIdentity(int vendorId, int deviceId, int revision, int classCode) {
    this(vendorId, deviceId, revision, classCode, 0, 0);
  }
}
