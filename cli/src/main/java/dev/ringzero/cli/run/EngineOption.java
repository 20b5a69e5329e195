package dev.ringzero.cli.run;

import dev.ringzero.cli.UsageException;
import dev.ringzero.engine.Execution;
import dev.ringzero.vmm.cpuid.CpuFeature;
import dev.ringzero.vmm.cpuid.CpuModel;
import dev.ringzero.vmm.cpuid.CpuModels;
import dev.ringzero.vmm.machine.EngineConfiguration;
import dev.ringzero.vmm.machine.EngineSelection;
import dev.ringzero.vmm.memory.MemoryTechnique;
import dev.ringzero.vmm.schedule.ProcessorShare;
import java.util.Optional;

/**
 * Which engine the user wants.
 *
 * @param kind empty where nothing was said
 * @param translator empty where nothing was said
 * @param memory empty where nothing was said
 * @param model empty where nothing was said
 * @param share empty where nothing was said
 * @param iommu whether there is to be one
 * @param counted whether statistics are to be shown
 * @param checked whether translations are compared with the tables
 * @param tracesInstructions whether each instruction is to be shown
 */
record EngineOption(
    Optional<Kind> kind,
    Optional<Execution.Way> translator,
    Optional<MemoryTechnique> memory,
    Optional<CpuModel> model,
    Optional<ProcessorShare> share,
    boolean iommu,
    boolean counted,
    boolean checked,
    boolean tracesInstructions) {
  /** What {@code --engine} takes. */
  enum Kind {
    AUTO,
    KVM,
    SOFTWARE
  }

  /** Checks the combination. */
  EngineOption {
    refuseWithout(memory.orElse(MemoryTechnique.EPT), model.orElse(CpuModel.DEFAULT));
    if (iommu && memory.equals(Optional.of(MemoryTechnique.DIRECT))) {
      throw new UsageException("a guest with direct paging has no PCI bus: leave out --iommu");
    }
    if (kind.filter(Kind.KVM::equals).isPresent()) {
      if (translator.isPresent()) {
        throw new UsageException("--translator is of the software engine: not with --engine kvm");
      }
      if (checked) {
        throw new UsageException(
            "--check-translations is of the software engine: not with --engine kvm");
      }
      if (memory.isPresent()) {
        throw new UsageException(
            "--memory-virtualization is of the software engine: not with --engine kvm,"
                + " where the host's kernel decides");
      }
      if (model.isPresent()) {
        throw new UsageException(
            "--cpu is of the software engine: with --engine kvm the guest sees the host's"
                + " processor");
      }
      if (iommu) {
        throw new UsageException("--iommu is of the software engine: not with --engine kvm");
      }
      if (share.filter(of -> !of.pins().isEmpty()).isPresent()) {
        throw new UsageException(
            "--cpu-pin is of the software engine: with --engine kvm use taskset");
      }
      if (tracesInstructions) {
        throw new UsageException("--trace instructions needs --engine software");
      }
    }
  }

  /** A guest that is a monitor needs the second level under it. */
  private static void refuseWithout(MemoryTechnique technique, CpuModel model) {
    if (technique != MemoryTechnique.EPT && model.virtualizes()) {
      throw new UsageException(
          "--cpu %s runs guests of the guest only with --memory-virtualization ept: not with %s"
              .formatted(model.name(), technique.word()));
    }
    boolean keys = model.has(CpuFeature.PKU) || model.has(CpuFeature.PKS);
    if (technique != MemoryTechnique.EPT && keys) {
      throw new UsageException(
          "protection keys (+pku, +pks) need --memory-virtualization ept: not with "
              + technique.word());
    }
  }

  /** The processor of this name, without the features named behind it. */
  static CpuModel model(String text) {
    try {
      return CpuModels.parse(text);
    } catch (IllegalArgumentException e) {
      throw new UsageException("--cpu " + e.getMessage());
    }
  }

  static Kind kind(String text) {
    return switch (text) {
      case "auto" -> Kind.AUTO;
      case "kvm" -> Kind.KVM;
      case "software" -> Kind.SOFTWARE;
      default -> throw new UsageException("--engine takes kvm, software or auto, not " + text);
    };
  }

  /** The one kind of IOMMU that there is. */
  static boolean iommu(String text) {
    if (!text.equals("vtd")) {
      throw new UsageException("--iommu takes vtd, not " + text);
    }
    return true;
  }

  static Execution.Way translator(String text) {
    return switch (text) {
      case "on" -> Execution.Way.TRANSLATED;
      case "off" -> Execution.Way.INTERPRETED;
      case "compare" -> Execution.Way.COMPARED;
      default -> throw new UsageException("--translator takes on or off, not " + text);
    };
  }

  static MemoryTechnique memory(String text) {
    return MemoryTechnique.of(text)
        .orElseThrow(() ->
            new UsageException(
                "--memory-virtualization takes ept, shadow, direct or bare, not " + text));
  }

  /** Looks at this host where that decides. */
  EngineSelection select() {
    EngineConfiguration.Software ours =
        new EngineConfiguration.Software(
            new Execution(translator.orElse(Execution.Way.TRANSLATED), counted, checked),
            memory.orElse(MemoryTechnique.EPT),
            share.orElse(ProcessorShare.USUAL),
            model.orElse(CpuModel.DEFAULT),
            iommu);
    return switch (kind.orElse(Kind.AUTO)) {
      case KVM -> EngineSelection.kvm(share.orElse(ProcessorShare.USUAL));
      case SOFTWARE -> EngineSelection.software(ours, "asked for");
      case AUTO -> {
        if (checked) {
          yield EngineSelection.software(ours, "--check-translations is given");
        }
        if (translator.isPresent()) {
          yield EngineSelection.software(ours, "--translator is given");
        }
        if (memory.isPresent()) {
          yield EngineSelection.software(ours, "--memory-virtualization is given");
        }
        if (model.isPresent()) {
          yield EngineSelection.software(ours, "--cpu is given");
        }
        if (iommu) {
          yield EngineSelection.software(ours, "--iommu is given");
        }
        if (share.isPresent()) {
          yield EngineSelection.software(ours, "a share of the processors is given");
        }
        yield tracesInstructions
            ? EngineSelection.software(ours, "each instruction is to be traced")
            : EngineSelection.best(ours);
      }
    };
  }
}
