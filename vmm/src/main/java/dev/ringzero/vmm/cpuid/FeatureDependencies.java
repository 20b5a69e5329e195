package dev.ringzero.vmm.cpuid;

import static dev.ringzero.vmm.cpuid.CpuFeature.AES;
import static dev.ringzero.vmm.cpuid.CpuFeature.APIC;
import static dev.ringzero.vmm.cpuid.CpuFeature.ARAT;
import static dev.ringzero.vmm.cpuid.CpuFeature.AVX;
import static dev.ringzero.vmm.cpuid.CpuFeature.AVX2;
import static dev.ringzero.vmm.cpuid.CpuFeature.DECODE_ASSISTS;
import static dev.ringzero.vmm.cpuid.CpuFeature.F16C;
import static dev.ringzero.vmm.cpuid.CpuFeature.FLUSH_BY_ASID;
import static dev.ringzero.vmm.cpuid.CpuFeature.FMA;
import static dev.ringzero.vmm.cpuid.CpuFeature.FXSR;
import static dev.ringzero.vmm.cpuid.CpuFeature.INVARIANT_TSC;
import static dev.ringzero.vmm.cpuid.CpuFeature.INVPCID;
import static dev.ringzero.vmm.cpuid.CpuFeature.NPT;
import static dev.ringzero.vmm.cpuid.CpuFeature.NRIP_SAVE;
import static dev.ringzero.vmm.cpuid.CpuFeature.NX;
import static dev.ringzero.vmm.cpuid.CpuFeature.PAE;
import static dev.ringzero.vmm.cpuid.CpuFeature.PAUSE_FILTER;
import static dev.ringzero.vmm.cpuid.CpuFeature.PAUSE_FILTER_THRESHOLD;
import static dev.ringzero.vmm.cpuid.CpuFeature.PCID;
import static dev.ringzero.vmm.cpuid.CpuFeature.PCLMULQDQ;
import static dev.ringzero.vmm.cpuid.CpuFeature.PDPE1GB;
import static dev.ringzero.vmm.cpuid.CpuFeature.RDTSCP;
import static dev.ringzero.vmm.cpuid.CpuFeature.SHA;
import static dev.ringzero.vmm.cpuid.CpuFeature.SSE;
import static dev.ringzero.vmm.cpuid.CpuFeature.SSE2;
import static dev.ringzero.vmm.cpuid.CpuFeature.SSE3;
import static dev.ringzero.vmm.cpuid.CpuFeature.SSE4_1;
import static dev.ringzero.vmm.cpuid.CpuFeature.SSE4_2;
import static dev.ringzero.vmm.cpuid.CpuFeature.SSSE3;
import static dev.ringzero.vmm.cpuid.CpuFeature.TSC;
import static dev.ringzero.vmm.cpuid.CpuFeature.TSC_ADJUST;
import static dev.ringzero.vmm.cpuid.CpuFeature.TSC_DEADLINE;
import static dev.ringzero.vmm.cpuid.CpuFeature.TSC_RATE_MSR;
import static dev.ringzero.vmm.cpuid.CpuFeature.VAES;
import static dev.ringzero.vmm.cpuid.CpuFeature.VGIF;
import static dev.ringzero.vmm.cpuid.CpuFeature.VIRTUAL_VMSAVE_VMLOAD;
import static dev.ringzero.vmm.cpuid.CpuFeature.VMCB_CLEAN;
import static dev.ringzero.vmm.cpuid.CpuFeature.VPCLMULQDQ;
import static dev.ringzero.vmm.cpuid.CpuFeature.X2APIC;
import static dev.ringzero.vmm.cpuid.CpuFeature.XGETBV1;
import static dev.ringzero.vmm.cpuid.CpuFeature.XSAVE;
import static dev.ringzero.vmm.cpuid.CpuFeature.XSAVEC;
import static dev.ringzero.vmm.cpuid.CpuFeature.XSAVEOPT;
import static dev.ringzero.vmm.cpuid.CpuFeature.XSAVES;

import java.util.EnumSet;
import java.util.Set;

/** Which features make no sense without another. */
final class FeatureDependencies {
  private FeatureDependencies() {}

  /** The features that need this one, directly or through others. */
  static Set<CpuFeature> dependents(CpuFeature feature) {
    EnumSet<CpuFeature> found = EnumSet.noneOf(CpuFeature.class);
    for (CpuFeature direct : direct(feature)) {
      found.add(direct);
      found.addAll(dependents(direct));
    }
    return found;
  }

  private static Set<CpuFeature> direct(CpuFeature feature) {
    return switch (feature) {
      case SSE -> EnumSet.of(SSE2);
      case SSE2 -> EnumSet.of(SSE3, AES, PCLMULQDQ, SHA);
      case SSE3 -> EnumSet.of(SSSE3);
      case SSSE3 -> EnumSet.of(SSE4_1);
      case SSE4_1 -> EnumSet.of(SSE4_2);
      case SSE4_2 -> EnumSet.of(AVX);
      case XSAVE -> EnumSet.of(AVX, XSAVEOPT, XSAVEC, XGETBV1, XSAVES);
      case XSAVEC -> EnumSet.of(XSAVES);
      case AVX -> EnumSet.of(AVX2, FMA, F16C, VAES, VPCLMULQDQ);
      case FXSR -> EnumSet.of(SSE, XSAVE);
      case APIC -> EnumSet.of(X2APIC, TSC_DEADLINE, ARAT);
      case TSC -> EnumSet.of(TSC_DEADLINE, TSC_ADJUST, INVARIANT_TSC, RDTSCP);
      case PCID -> EnumSet.of(INVPCID);
      case SVM ->
          EnumSet.of(
              NPT,
              NRIP_SAVE,
              TSC_RATE_MSR,
              VMCB_CLEAN,
              FLUSH_BY_ASID,
              DECODE_ASSISTS,
              PAUSE_FILTER,
              PAUSE_FILTER_THRESHOLD,
              VIRTUAL_VMSAVE_VMLOAD,
              VGIF);
      case PAE -> EnumSet.of(NX, PDPE1GB);
      default -> EnumSet.noneOf(CpuFeature.class);
    };
  }
}
