package dev.ringzero.vmm.machine;

import dev.ringzero.engine.Execution;
import dev.ringzero.vmm.cpuid.CpuModel;
import dev.ringzero.vmm.memory.MemoryTechnique;
import dev.ringzero.vmm.schedule.ProcessorShare;

/** What runs the guest's code, with what only that engine has. */
public sealed interface EngineConfiguration {
  /** The name that people write. */
  String word();

  /**
   * RingZero's own processor.
   *
   * @param execution how it runs code
   * @param memory how guest addresses become machine addresses
   * @param share of the physical CPUs
   * @param model which processor it is, as guests see it
   * @param iommu whether what devices put on the bus goes through a VT-d unit
   */
  record Software(
      Execution execution,
      MemoryTechnique memory,
      ProcessorShare share,
      CpuModel model,
      boolean iommu)
      implements EngineConfiguration {
    /** Ticks per second of the time-stamp counter. */
    public static final long TSC_HERTZ = 1_000_000_000;

    /** As fast as this host can, with extended page tables. */
    public static final Software FASTEST = new Software(Execution.FASTEST, MemoryTechnique.EPT);

    public Software(Execution execution, MemoryTechnique memory) {
      this(execution, memory, ProcessorShare.USUAL, CpuModel.DEFAULT, false);
    }

    public Software with(boolean iommuPresent) {
      return new Software(execution, memory, share, model, iommuPresent);
    }

    public Software with(ProcessorShare another) {
      return new Software(execution, memory, another, model, iommu);
    }

    @Override
    public String word() {
      return "software";
    }
  }

  /**
   * The host's processor, through KVM.
   *
   * @param share of it, through control groups; its pins are not used
   */
  record Kvm(ProcessorShare share) implements EngineConfiguration {
    public Kvm() {
      this(ProcessorShare.USUAL);
    }

    @Override
    public String word() {
      return "kvm";
    }
  }
}
