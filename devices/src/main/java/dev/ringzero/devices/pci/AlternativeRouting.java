package dev.ringzero.devices.pci;

/**
 * Alternative Routing-ID Interpretation: a device of up to 256 functions, where the port above
 * forwards requests to all of them. Virtual functions are not in the list of next functions.
 *
 * @spec PCI Express Base Specification 5.0, "Alternative Routing-ID Interpretation (ARI)"
 */
final class AlternativeRouting {
  private static final int ID = 0x000E;
  private static final int BYTES = 8;

  private AlternativeRouting() {}

  static void add(PciFunction function) {
    function.addExtendedCapability(ID, 1, BYTES);
  }
}
