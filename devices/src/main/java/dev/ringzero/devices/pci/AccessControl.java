package dev.ringzero.devices.pci;

/**
 * Access Control Services of a port: what its functions send to each other goes up to the root
 * complex and its IOMMU first. Functions here reach nothing but memory, and always through the
 * IOMMU with their own requester IDs, so that each control holds whatever is written; systems put
 * what is behind such a port into groups of their own.
 *
 * @spec PCI Express Base Specification 5.0, "Access Control Services (ACS)"
 */
final class AccessControl {
  private static final int ID = 0x000D;
  private static final int BYTES = 8;

  private static final int CAPABILITIES = 0x04;
  private static final int CONTROL = 0x06;

  private static final int SOURCE_VALIDATION = 1 << 0;
  private static final int TRANSLATION_BLOCKING = 1 << 1;
  private static final int REQUEST_REDIRECT = 1 << 2;
  private static final int COMPLETION_REDIRECT = 1 << 3;
  private static final int UPSTREAM_FORWARDING = 1 << 4;
  private static final int ALL =
      SOURCE_VALIDATION
          | TRANSLATION_BLOCKING
          | REQUEST_REDIRECT
          | COMPLETION_REDIRECT
          | UPSTREAM_FORWARDING;

  private AccessControl() {}

  static void add(PciFunction function) {
    int offset = function.addExtendedCapability(ID, 1, BYTES);
    function.config().set(offset + CAPABILITIES, 2, ALL);
    function.config().setWritable(offset + CONTROL, 2, ALL);
  }
}
