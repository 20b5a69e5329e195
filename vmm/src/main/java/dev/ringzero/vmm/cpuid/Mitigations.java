package dev.ringzero.vmm.cpuid;

/**
 * What IA32_ARCH_CAPABILITIES tells: our processor does not speculate, so that it has none of the
 * flaws for which there is a bit.
 *
 * @spec Intel SDM Vol. 4, "IA32_ARCH_CAPABILITIES"
 */
public final class Mitigations {
  public static final int IA32_ARCH_CAPABILITIES = 0x10A;

  private static final long RDCL_NO = 1L << 0; // not susceptible to Rogue Data Cache Load
  private static final long IBRS_ALL = 1L << 1; // enhanced IBRS
  private static final long SKIP_L1DFL_VMENTRY = 1L << 3; // no L1D flush on VM entry needed
  private static final long SSB_NO = 1L << 4; // not susceptible to Speculative Store Bypass
  private static final long MDS_NO = 1L << 5; // not susceptible to Microarchitectural Data Sampling
  private static final long IF_PSCHANGE_MC_NO = 1L << 6; // page size changes are harmless
  private static final long TAA_NO = 1L << 8; // not susceptible to TSX Asynchronous Abort
  private static final long SBDR_SSDP_NO = 1L << 13; // no Shared Buffers Data Read
  private static final long FBSDP_NO = 1L << 14; // no Fill Buffer Stale Data Propagator
  private static final long PSDP_NO = 1L << 15; // no Primary Stale Data Propagator
  private static final long BHI_NO = 1L << 20; // not susceptible to Branch History Injection
  private static final long PBRSB_NO = 1L << 24; // no post-barrier return stack buffer issue
  private static final long GDS_NO = 1L << 26; // not susceptible to Gather Data Sampling
  private static final long RFDS_NO = 1L << 27; // not susceptible to Register File Data Sampling
  private static final long ITS_NO = 1L << 62; // not susceptible to Indirect Target Selection

  /** The value of IA32_ARCH_CAPABILITIES. */
  public static final long ARCH_CAPABILITIES =
      RDCL_NO
          | IBRS_ALL
          | SKIP_L1DFL_VMENTRY
          | SSB_NO
          | MDS_NO
          | IF_PSCHANGE_MC_NO
          | TAA_NO
          | SBDR_SSDP_NO
          | FBSDP_NO
          | PSDP_NO
          | BHI_NO
          | PBRSB_NO
          | GDS_NO
          | RFDS_NO
          | ITS_NO;

  private Mitigations() {}
}
