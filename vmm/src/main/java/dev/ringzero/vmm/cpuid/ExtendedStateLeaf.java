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
  private static final long PKRU = 1L << 9;
  static final int PKRU_OFFSET = AVX_OFFSET + AVX_BYTES;
  static final int PKRU_BYTES = 8;

  private final long components;

  ExtendedStateLeaf(CpuModel model) {
    long avx = model.has(CpuFeature.AVX) ? AVX : 0;
    this.components = X87_AND_SSE | avx | (model.has(CpuFeature.PKU) ? PKRU : 0);
  }

  /** The bits that XCR0 may have. */
  long components() {
    return components;
  }

  /** Bytes that XSAVE needs in the standard format for these components. */
  int standardBytes(long enabled) {
    if ((enabled & PKRU) != 0) {
      return PKRU_OFFSET + PKRU_BYTES;
    }
    return (enabled & AVX) != 0 ? AVX_OFFSET + AVX_BYTES : HEADER_END;
  }

  /** Bytes that XSAVEC and XSAVES need for these components. */
  int compactedBytes(long enabled) {
    int others = standardBytes(enabled & ~PKRU);
    return (enabled & PKRU) != 0 ? others + PKRU_BYTES : others;
  }
}
