package dev.ringzero.vmm.machine;

import dev.ringzero.cpu.SoftwareEngine;
import dev.ringzero.cpu.Virtualization;
import dev.ringzero.devices.lapic.LocalApic;
import dev.ringzero.engine.Engine;
import dev.ringzero.engine.EngineException;
import dev.ringzero.engine.Entropy;
import dev.ringzero.engine.state.StateException;
import dev.ringzero.kvm.KvmEngine;
import dev.ringzero.kvm.KvmHost;
import dev.ringzero.memory.ContiguousMemory;
import dev.ringzero.memory.FrameMemory;
import dev.ringzero.memory.FramePool;
import dev.ringzero.memory.GuestMemory;
import dev.ringzero.memory.OutOfFramesException;
import dev.ringzero.memory.RamImage;
import dev.ringzero.memory.RamRange;
import dev.ringzero.vmm.cpuid.CpuFeature;
import dev.ringzero.vmm.cpuid.CpuModel;
import dev.ringzero.vmm.cpuid.Cpuid;
import dev.ringzero.vmm.cpuid.HostModel;
import dev.ringzero.vmm.cpuid.Mitigations;
import dev.ringzero.vmm.cpuid.ProcessorLimits;
import dev.ringzero.vmm.memory.ExtendedPaging;
import dev.ringzero.vmm.memory.HostPaging;
import dev.ringzero.vmm.memory.MemoryTechnique;
import dev.ringzero.vmm.memory.MemoryVirtualization;
import dev.ringzero.vmm.memory.ShadowPaging;
import dev.ringzero.vmm.xen.XenMonitor;
import java.util.List;
import java.util.Optional;

/**
 * The parts of a machine that its engine decides: what runs code, RAM, the clock that processors
 * share, and what CPUID says.
 *
 * @param virtualization how its addresses become machine addresses
 * @param firmware model-specific registers that processors begin with
 */
record ProcessorComplex(
    Engine engine,
    GuestMemory memory,
    MemoryVirtualization virtualization,
    HostClock clock,
    ProcessorInterrupts interrupts,
    Cpuid cpuid,
    FirmwareState firmware)
    implements AutoCloseable {

  /**
   * Builds the parts.
   *
   * @param xenHost what a paravirtual guest asks of its machine
   * @param saved what RAM holds at first; empty for nothing
   */
  static ProcessorComplex of(
      MachineConfiguration configuration,
      Entropy entropy,
      XenMonitor.Host xenHost,
      Optional<RamImage> saved) {
    if (saved.isPresent() && whyNotSaved(configuration.engine()).isPresent()) {
      throw new StateException(whyNotSaved(configuration.engine()).get());
    }
    return switch (configuration.engine()) {
      case EngineConfiguration.Software ours ->
          ours.memory() == MemoryTechnique.DIRECT
              ? paravirtual(configuration, ours, entropy, xenHost)
              : software(configuration, ours, entropy, saved);
      case EngineConfiguration.Kvm kvm -> kvm(configuration);
    };
  }

  /** Why machines with this engine cannot be saved and restored; empty where they can. */
  static Optional<String> whyNotSaved(EngineConfiguration engine) {
    return switch (engine) {
      case EngineConfiguration.Kvm kvm ->
          Optional.of("a machine on KVM cannot be saved: run it with --engine software");
      case EngineConfiguration.Software ours when ours.memory() == MemoryTechnique.DIRECT ->
          Optional.of(
              "a machine with direct paging cannot be saved, because its guest knows machine"
                  + " addresses: run it with --memory-virtualization ept or shadow");
      case EngineConfiguration.Software ours when ours.memory() == MemoryTechnique.BARE ->
          Optional.of("a machine whose memory is bare cannot be saved");
      case EngineConfiguration.Software ignored -> Optional.empty();
    };
  }

  private static LocalApics apics(
      MachineConfiguration configuration, HostClock clock, CpuModel model) {
    LocalApics apics = new LocalApics(configuration.cpus(), clock);
    return model.has(CpuFeature.X2APIC) ? apics : apics.withoutX2Apic();
  }

  private static ProcessorComplex software(
      MachineConfiguration configuration,
      EngineConfiguration.Software ours,
      Entropy entropy,
      Optional<RamImage> saved) {
    long bytes = configuration.memoryBytes();
    FrameMemory memory = memory(ours.memory(), bytes, saved);
    HostClock clock = new HostClock(EngineConfiguration.Software.TSC_HERTZ);
    Cpuid cpuid =
        new Cpuid(ours.model(), configuration.cpus(), clock.tscHertz(), LocalApic.TIMER_HERTZ);
    SoftwareEngine engine =
        new SoftwareEngine(memory, clock, entropy, ours.execution(), virtualization(ours.model()));
    ProcessorLimits limits = ProcessorLimits.of(ours.model());
    engine.leaveOut(limits.instructions(), limits.controls());
    return new ProcessorComplex(
        engine,
        memory,
        virtualization(ours.memory(), memory, configuration.cpus()),
        clock,
        apics(configuration, clock, cpuid.model()),
        cpuid,
        new FirmwareState(cpuid, Mitigations.ARCH_CAPABILITIES));
  }

  private static FrameMemory memory(
      MemoryTechnique technique, long bytes, Optional<RamImage> saved) {
    if (technique == MemoryTechnique.BARE) {
      return FrameMemory.inOnePiece(bytes);
    }
    return saved.isPresent() ? FrameMemory.ofPc(bytes, saved.get()) : FrameMemory.ofPc(bytes);
  }

  private static Virtualization virtualization(CpuModel model) {
    if (model.has(CpuFeature.SVM)) {
      return Virtualization.SVM;
    }
    return model.has(CpuFeature.VMX) ? Virtualization.VMX : Virtualization.NONE;
  }

  private static MemoryVirtualization virtualization(
      MemoryTechnique technique, FrameMemory memory, int cpus) {
    return switch (technique) {
      case EPT -> new ExtendedPaging(memory);
      case SHADOW -> new ShadowPaging(memory, cpus);
      case BARE -> ExtendedPaging.bare(memory);
      case DIRECT -> throw new IllegalArgumentException("not for an unmodified guest");
    };
  }

  private static ProcessorComplex paravirtual(
      MachineConfiguration configuration,
      EngineConfiguration.Software ours,
      Entropy entropy,
      XenMonitor.Host host) {
    HostClock clock = new HostClock(EngineConfiguration.Software.TSC_HERTZ);
    long run = FramePool.RUN_FRAMES * (long) FramePool.FRAME_BYTES;
    long bytes = (configuration.memoryBytes() + run - 1) / run * run + run;
    FrameMemory memory = new FrameMemory(FramePool.host(), List.of(new RamRange(0, bytes)));
    Cpuid cpuid =
        new Cpuid(
            XenMonitor.processor(ours.model()),
            configuration.cpus(),
            clock.tscHertz(),
            LocalApic.TIMER_HERTZ);
    try {
      return new ProcessorComplex(
          new SoftwareEngine(memory, clock, entropy, ours.execution()),
          memory,
          new XenMonitor(memory, clock, cpuid, configuration.cpus(), host),
          clock,
          new LocalApics(configuration.cpus(), clock),
          cpuid,
          new FirmwareState(cpuid, Mitigations.ARCH_CAPABILITIES));
    } catch (RuntimeException e) {
      memory.close();
      clock.close();
      throw e;
    }
  }

  private static ProcessorComplex kvm(MachineConfiguration configuration) {
    KvmHost host = KvmHost.look();
    HostModel processor = new HostModel(host.cpuid());
    CpuModel model = processor.of(CpuModel.DEFAULT);
    if (host.archCapabilities().isEmpty()) {
      model = model.without(CpuFeature.ARCH_CAPABILITIES);
    }
    Cpuid cpuid =
        new Cpuid(
            model,
            configuration.cpus(),
            host.tscHertz(),
            LocalApic.TIMER_HERTZ,
            processor.physicalBits());
    ContiguousMemory memory = inOnePiece(configuration.memoryBytes());
    HostClock clock = new HostClock(host.tscHertz());
    try {
      KvmEngine engine = new KvmEngine(memory, clock, processor.table(cpuid), host.bestApics());
      return new ProcessorComplex(
          engine,
          memory,
          new HostPaging(),
          clock,
          switch (host.bestApics()) {
            case KERNEL -> new KernelApics(engine);
            case MONITOR -> new LocalApics(configuration.cpus(), clock);
          },
          cpuid,
          new FirmwareState(cpuid, host.archCapabilities().orElse(0)));
    } catch (RuntimeException e) {
      memory.close();
      clock.close();
      throw e;
    }
  }

  private static ContiguousMemory inOnePiece(long bytes) {
    try {
      return ContiguousMemory.ofPc(bytes);
    } catch (OutOfFramesException e) {
      throw new EngineException(
          "this host cannot give KVM %d MiB in one piece: use less memory, or --engine software"
              .formatted(bytes >> 20));
    }
  }

  @Override
  public void close() {
    engine.close();
    virtualization.close();
    memory.close();
  }
}
