package dev.ringzero.vmm.cpuid;

import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** The kinds of processor that people can ask for by name. */
public final class CpuModels {
  /** Family 19H, model 1, stepping 1. */
  private static final int MILAN = 0x00A0_0F11;

  /** What only AMD's processors have, and tell of. */
  private static final Set<CpuFeature> OF_AMD =
      EnumSet.of(
          CpuFeature.CMP_LEGACY,
          CpuFeature.CR8_LEGACY,
          CpuFeature.TOPOEXT,
          CpuFeature.LFENCE_SERIALIZING,
          CpuFeature.SVM,
          CpuFeature.NPT,
          CpuFeature.LBR_VIRTUALIZATION,
          CpuFeature.NRIP_SAVE,
          CpuFeature.TSC_RATE_MSR,
          CpuFeature.VMCB_CLEAN,
          CpuFeature.FLUSH_BY_ASID,
          CpuFeature.DECODE_ASSISTS,
          CpuFeature.PAUSE_FILTER,
          CpuFeature.PAUSE_FILTER_THRESHOLD,
          CpuFeature.VIRTUAL_VMSAVE_VMLOAD,
          CpuFeature.VGIF);

  /** What only Intel's processors have, and tell of. */
  private static final Set<CpuFeature> OF_INTEL =
      EnumSet.of(
          CpuFeature.TSC_DEADLINE,
          CpuFeature.TSC_ADJUST,
          CpuFeature.SS,
          CpuFeature.FPU_CS_DS_DEPRECATED,
          CpuFeature.SPEC_CTRL,
          CpuFeature.STIBP,
          CpuFeature.ARCH_CAPABILITIES,
          CpuFeature.BHI_CTRL,
          CpuFeature.SERIALIZE);

  /** What works, and costs those that use it so much that no model has it by itself. */
  private static final Set<CpuFeature> MAY_BE_ADDED = EnumSet.of(CpuFeature.PKU, CpuFeature.PKS);

  private CpuModels() {}

  /** What our processor does as one of Intel's, without virtualization. */
  static Set<CpuFeature> common() {
    EnumSet<CpuFeature> features =
        EnumSet.complementOf(
            EnumSet.of(
                CpuFeature.VMX,
                CpuFeature.PKU,
                CpuFeature.PKS,
                CpuFeature.VAES,
                CpuFeature.VPCLMULQDQ,
                CpuFeature.WBNOINVD,
                CpuFeature.FDP_EXCPTN_ONLY));
    features.removeAll(OF_AMD);
    return features;
  }

  private static CpuModel intel() {
    EnumSet<CpuFeature> features = EnumSet.copyOf(common());
    features.add(CpuFeature.VMX);
    CpuModel plain = CpuModel.DEFAULT;
    return new CpuModel("intel", plain.vendor(), plain.brand(), plain.signature(), features);
  }

  private static CpuModel amd() {
    EnumSet<CpuFeature> features = EnumSet.copyOf(common());
    features.removeAll(OF_INTEL);
    features.addAll(OF_AMD);
    return new CpuModel("amd", CpuModel.AMD, "RingZero Virtual Processor", MILAN, features);
  }

  private static List<CpuModel> all() {
    return List.of(CpuModel.DEFAULT, intel(), amd());
  }

  /** The names, for people. */
  public static List<String> names() {
    return all().stream().map(CpuModel::name).toList();
  }

  /** The model of this name, in any case. */
  public static Optional<CpuModel> named(String name) {
    String wanted = name.toLowerCase(Locale.ROOT);
    return all().stream().filter(model -> model.name().equals(wanted)).findFirst();
  }

  /**
   * The model that users write: a name, then features to leave out, each behind {@code ,-}, or to
   * add, each of {@link #MAY_BE_ADDED} behind {@code ,+}.
   *
   * @throws IllegalArgumentException with a reason for the user
   */
  public static CpuModel parse(String text) {
    String[] words = text.split(",");
    CpuModel model =
        named(words[0])
            .orElseThrow(() ->
                new IllegalArgumentException(
                    "takes %s, not %s".formatted(String.join(", ", names()), words[0])));
    for (int i = 1; i < words.length; i++) {
      String word = words[i];
      Optional<CpuFeature> feature = CpuFeature.named(word.substring(Math.min(1, word.length())));
      if (word.startsWith("-") && feature.isPresent()) {
        model = model.without(feature.get());
      } else if (word.startsWith("+") && feature.filter(MAY_BE_ADDED::contains).isPresent()) {
        model = model.with(feature.get());
      } else {
        throw new IllegalArgumentException(
            "takes features to leave out, such as -pcid, or to add, +pku or +pks, behind the"
                + " model, not "
                + word);
      }
    }
    return model;
  }
}
