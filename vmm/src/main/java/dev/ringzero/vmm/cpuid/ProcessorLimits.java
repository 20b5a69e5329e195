package dev.ringzero.vmm.cpuid;

import dev.ringzero.cpu.level.Intercept;
import dev.ringzero.x86.Cr4;
import java.util.EnumSet;
import java.util.Set;

/**
 * What a processor must not do because its model does not promise it.
 *
 * <p>Not modelled: instructions that no monitor can keep from a guest, which run whatever the model
 * says, as they do on KVM.
 *
 * @param instructions that are undefined
 * @param controls bits of CR4 that are reserved
 */
public record ProcessorLimits(Set<Intercept> instructions, long controls) {
  /** The limits of a model. */
  public static ProcessorLimits of(CpuModel model) {
    EnumSet<Intercept> undefined = EnumSet.noneOf(Intercept.class);
    long reserved = 0;
    for (CpuFeature feature : EnumSet.complementOf(EnumSet.copyOf(model.features()))) {
      reserved |= controls(feature);
      switch (feature) {
        case INVPCID -> undefined.add(Intercept.INVPCID);
        case RDTSCP -> undefined.add(Intercept.RDTSCP);
        case XSAVE -> undefined.add(Intercept.XSETBV);
        default -> {}
      }
    }
    return new ProcessorLimits(Set.copyOf(undefined), reserved);
  }

  private static long controls(CpuFeature feature) {
    return switch (feature) {
      case VME -> Cr4.VME | Cr4.PVI;
      case DE -> Cr4.DE;
      case PSE -> Cr4.PSE;
      case MCE -> Cr4.MCE;
      case PGE -> Cr4.PGE;
      case UMIP -> Cr4.UMIP;
      case FSGSBASE -> Cr4.FSGSBASE;
      case PCID -> Cr4.PCIDE;
      case XSAVE -> Cr4.OSXSAVE;
      case SMEP -> Cr4.SMEP;
      case SMAP -> Cr4.SMAP;
      case PKU -> Cr4.PKE;
      case PKS -> Cr4.PKS;
      default -> 0;
    };
  }
}
