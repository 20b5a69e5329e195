package dev.ringzero.vmm.cpuid;

/**
 * Sizes of the XSAVE area: x87, SSE and AVX.
 *
 * @spec Intel SDM Vol. 1, "XSAVE-Managed Area"
 */
final class ExtendedStateLeaf {
  static final int AVX_OFFSET = 576;
  static final int AVX_BYTES = 256;

  private static final int HEADER_END = 576; // legacy region and XSAVE header
  private static final long X87_AND_SSE = 3;
  private static final long AVX = 4;

  private final long components;

  ExtendedStateLeaf(CpuModel model) {
    this.components = model.has(CpuFeature.AVX) ? X87_AND_SSE | AVX : X87_AND_SSE;
  }

  /** The bits that XCR0 may have. */
  long components() {
    return components;
  }

  /** Bytes that XSAVE needs in the standard format for these components. */
  int standardBytes(long enabled) {
    return (enabled & AVX) != 0 ? AVX_OFFSET + AVX_BYTES : HEADER_END;
  }

  /** Bytes that XSAVEC and XSAVES need for these components. */
  int compactedBytes(long enabled) {
    return standardBytes(enabled);
  }
}
