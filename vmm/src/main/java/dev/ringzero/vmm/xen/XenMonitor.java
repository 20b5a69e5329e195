package dev.ringzero.vmm.xen;

import dev.ringzero.engine.AgentRunner;
import dev.ringzero.engine.Clock;
import dev.ringzero.engine.InterruptSource;
import dev.ringzero.engine.Register;
import dev.ringzero.engine.SegmentState;
import dev.ringzero.engine.VirtualCpu;
import dev.ringzero.engine.VmExit;
import dev.ringzero.images.kernel.ElfKernel;
import dev.ringzero.memory.FrameMemory;
import dev.ringzero.memory.FramePool;
import dev.ringzero.vmm.cpuid.CpuFeature;
import dev.ringzero.vmm.cpuid.CpuModel;
import dev.ringzero.vmm.cpuid.Cpuid;
import dev.ringzero.vmm.exit.ExitHandling;
import dev.ringzero.vmm.memory.AddressWalk;
import dev.ringzero.vmm.memory.MemoryTechnique;
import dev.ringzero.vmm.memory.MemoryVirtualization;
import dev.ringzero.x86.ExitReason;
import dev.ringzero.x86.InterruptionInformation;
import dev.ringzero.x86.PageEntry;
import dev.ringzero.x86.PageFaultError;
import dev.ringzero.x86.Vector;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Direct paging: the processor walks the guest's own tables, which hold machine addresses; the
 * guest, a paravirtual kernel at CPL 3, changes them through hypercalls that check every entry.
 * This is the monitor of such a guest as a whole, since its interface is one.
 *
 * @spec Xen public headers
 */
public final class XenMonitor implements MemoryVirtualization, ExitHandling {
  private final XenDomain domain;
  private final Hypercalls hypercalls;
  private final TableWrites tableWrites;
  private final PrivilegedInstructions privileged;
  private final Host host;
  private final boolean[] waits;
  private XenDevices devices;

  /** What such a guest can ask of the machine that it is in. */
  public interface Host {
    /** The guest has ended, for a reason of public/sched.h: 0 power off, 1 reboot, 3 crash. */
    void shutdown(int reason);

    /** The guest has done what none may survive. */
    void crashed(String why);

    /** Whether the machine has ended. */
    boolean isEnded();

    /** Makes a vCPU leave the guest, or its wait, soon. Any thread. */
    void kick(int cpu);

    /** Lets a vCPU begin that waits for its startup signal. */
    void startup(int cpu);

    /** Makes a vCPU wait for its startup signal. On its own thread, in an exit. */
    void down(int cpu);
  }

  /**
   * Takes the memory for a guest.
   *
   * @param memory contiguous from zero on, whole pieces of 2 MiB, one more than the guest may use
   * @throws dev.ringzero.memory.OutOfFramesException if there is not enough
   */
  public XenMonitor(FrameMemory memory, Clock clock, Cpuid cpuid, int cpus, Host host) {
    domain = new XenDomain(memory, clock, cpus);
    this.host = host;
    domain.endsWhen(host::isEnded);
    waits = new boolean[cpus];
    hypercalls = new Hypercalls(domain, new VcpuCalls(domain, new Power()));
    tableWrites = new TableWrites(domain);
    privileged = new PrivilegedInstructions(cpuid);
  }

  /** A processor without what only an unmodified kernel could use. */
  public static CpuModel processor(CpuModel model) {
    return model.without(
        CpuFeature.VME,
        CpuFeature.DE,
        CpuFeature.PSE,
        CpuFeature.PSE36,
        CpuFeature.PGE,
        CpuFeature.MCE,
        CpuFeature.MCA,
        CpuFeature.MTRR,
        CpuFeature.APIC,
        CpuFeature.X2APIC,
        CpuFeature.TSC_DEADLINE,
        CpuFeature.PCID,
        CpuFeature.INVPCID,
        CpuFeature.SMEP,
        CpuFeature.SMAP,
        CpuFeature.UMIP,
        CpuFeature.FSGSBASE,
        CpuFeature.TSC_ADJUST,
        CpuFeature.SEP,
        CpuFeature.SPEC_CTRL,
        CpuFeature.STIBP,
        CpuFeature.BHI_CTRL,
        CpuFeature.ARCH_CAPABILITIES,
        CpuFeature.XSAVES,
        CpuFeature.PDPE1GB,
        CpuFeature.ARAT);
  }

  public PvConsole console() {
    return domain.console;
  }

  /** What the vCPU's engine takes for its interrupt controller: it only ends waits. */
  public InterruptSource interrupts(int cpu) {
    return new InterruptSource() {
      @Override
      public boolean pending() {
        XenVcpu vcpu = domain.vcpus.get(cpu);
        return vcpu != null && vcpu.wakes();
      }

      @Override
      public int acknowledge() {
        return -1;
      }

      @Override
      public int taskPriority() {
        return 0;
      }

      @Override
      public void taskPriority(int priorityClass) {}
    };
  }

  @Override
  public String word() {
    return MemoryTechnique.DIRECT.word();
  }

  @Override
  public void attach(VirtualCpu cpu) {
    int id = cpu.id();
    XenVcpu vcpu = new XenVcpu(domain, cpu, domain.shared.vcpuInfoHpa(id), () -> host.kick(id));
    vcpu.publishTime(domain.clock);
    domain.vcpus.add(vcpu);
    domain.events.add(vcpu);
    cpu.shortCalls((number, first, second, third, fourth) ->
        hypercalls.shortly(vcpu, number, first, second, third, fourth));
    XenStart.prepare(cpu);
  }

  /** Gives the guest a store, and ways to add devices to it; once, before {@link #boot}. */
  public XenDevices devices(AgentRunner runner) {
    devices = new XenDevices(domain, runner, waits.length);
    return devices;
  }

  /** Loads a kernel; after the vCPUs are attached, before they run. */
  public void boot(ElfKernel kernel, Optional<byte[]> initrd, String commandLine) {
    int port = domain.events.backend(domain.console::kicked);
    domain.console.showEarly(commandLine.contains("earlyprintk=xen"));
    domain.console.onNotify(() -> domain.events.raise(port));
    DomainBuilder builder = new DomainBuilder(domain, kernel);
    DomainBuilder.Start start = builder.build(initrd, commandLine, port, devices::connect);
    XenVcpu first = domain.vcpus.get(0);
    first.initialised = true;
    first.started = true;
    first.online = true;
    VirtualCpu cpu = first.cpu;
    cpu.register(Register.RIP, start.entry());
    cpu.register(Register.RSI, start.startInfo());
    cpu.register(Register.RSP, start.stack());
    first.kernelStack = start.stack();
    domain.lock.lock();
    try {
      first.switchKernelTable(start.tableMfn());
    } finally {
      domain.lock.unlock();
    }
  }

  @Override
  public void start(VirtualCpu cpu, int vector) {
    XenVcpu vcpu = domain.vcpus.get(cpu.id());
    if (vcpu.started) {
      return; // it was down, and goes on behind the call that took it there
    }
    vcpu.started = true;
    domain.lock.lock();
    try {
      vcpu.start.run();
      int entries = vcpu.gdtEntries;
      hypercalls.mmu().setGdtFrames(vcpu, vcpu.initialGdt, entries);
    } catch (XenError e) {
      host.crashed("vCPU " + cpu.id() + " has no valid descriptor table");
    } finally {
      domain.lock.unlock();
    }
  }

  @Override
  public void beforeEntry(VirtualCpu cpu) {
    XenVcpu vcpu = domain.vcpus.get(cpu.id());
    vcpu.endPoll();
    if (vcpu.hasEvents()) {
      guarded(vcpu, () -> deliverEvents(vcpu));
    }
  }

  private void deliverEvents(XenVcpu vcpu) {
    domain.lock.lock();
    try {
      vcpu.deliverEvents();
    } finally {
      domain.lock.unlock();
    }
  }

  @Override
  public boolean handle(VirtualCpu cpu, ExitReason reason) {
    XenVcpu vcpu = domain.vcpus.get(cpu.id());
    waits[cpu.id()] = false;
    guarded(vcpu, () -> answer(vcpu, reason));
    return waits[cpu.id()];
  }

  private void guarded(XenVcpu vcpu, Runnable action) {
    try {
      action.run();
    } catch (XenDomain.Crash e) {
      host.crashed(where(vcpu) + e.getMessage());
    } catch (XenError e) {
      host.crashed(where(vcpu) + "its kernel gave addresses that lead nowhere");
    }
  }

  private static String where(XenVcpu vcpu) {
    return "vCPU %d at 0x%x: ".formatted(vcpu.id, vcpu.cpu.register(Register.RIP));
  }

  private void answer(XenVcpu vcpu, ExitReason reason) {
    VmExit exit = vcpu.cpu.exit();
    switch (reason) {
      case SYSCALL -> systemCall(vcpu);
      case EXCEPTION_OR_NMI -> exception(vcpu, exit);
      case SOFTWARE_INTERRUPT -> softwareInterrupt(vcpu, (int) exit.qualification);
      case CPUID -> privileged.cpuid(vcpu.cpu);
      case SYSENTER -> trap(vcpu, Vector.UD, false, 0);
      case PAUSE, MONITOR, WBINVD, INVD -> vcpu.cpu.skipInstruction();
      default -> throw new XenDomain.Crash("unexpected VM exit " + reason);
    }
  }

  private void systemCall(XenVcpu vcpu) {
    vcpu.cpu.skipInstruction();
    boolean wide = (vcpu.cpu.segment(SegmentState.CS).accessRights() & 0x2000) != 0;
    if (!wide && vcpu.shortSyscallCallback == 0) {
      trap(vcpu, Vector.UD, false, 0);
      return;
    }
    if (vcpu.kernelMode) {
      hypercalls.call(vcpu);
      return;
    }
    VirtualCpu cpu = vcpu.cpu;
    cpu.register(Register.RCX, cpu.register(Register.RIP));
    cpu.register(Register.R11, cpu.register(Register.RFLAGS));
    domain.lock.lock();
    try {
      vcpu.deliverSyscall(wide);
    } finally {
      domain.lock.unlock();
    }
  }

  private void exception(XenVcpu vcpu, VmExit exit) {
    int information = exit.interruptionInformation;
    int vector = information & InterruptionInformation.VECTOR;
    boolean hasCode = (information & InterruptionInformation.ERROR_CODE_VALID) != 0;
    domain.lock.lock();
    try {
      switch (vector) {
        case Vector.PF -> pageFault(vcpu, exit.gva, exit.interruptionErrorCode);
        case Vector.GP -> {
          if (!vcpu.kernelMode || !privileged.emulate(vcpu)) {
            vcpu.deliverTrap(vector, true, exit.interruptionErrorCode);
          }
        }
        case Vector.UD -> {
          if (!privileged.forcedCpuid(vcpu)) {
            vcpu.deliverTrap(vector, false, 0);
          }
        }
        default -> vcpu.deliverTrap(vector, hasCode, exit.interruptionErrorCode);
      }
    } finally {
      domain.lock.unlock();
    }
  }

  private void pageFault(XenVcpu vcpu, long linear, int errorCode) {
    int writeToPresent = PageFaultError.P | PageFaultError.WR;
    boolean mayBeTable = vcpu.kernelMode && (errorCode & writeToPresent) == writeToPresent;
    if (!mayBeTable || !tableWrites.emulate(vcpu, linear)) {
      vcpu.deliverPageFault(linear, errorCode);
    }
  }

  private void softwareInterrupt(XenVcpu vcpu, int vector) {
    int privilege = vcpu.trapFlags[vector] & 3;
    if (vcpu.trapAddresses[vector] != 0 && (vcpu.kernelMode || privilege == 3)) {
      vcpu.cpu.skipInstruction();
      trap(vcpu, vector, false, 0);
    } else {
      trap(vcpu, Vector.GP, true, vector << 3 | 2);
    }
  }

  private void trap(XenVcpu vcpu, int vector, boolean hasCode, int errorCode) {
    domain.lock.lock();
    try {
      vcpu.deliverTrap(vector, hasCode, errorCode);
    } finally {
      domain.lock.unlock();
    }
  }

  @Override
  public Map<String, Long> figures() {
    long[] calls = hypercalls.counts().clone();
    Map<String, Long> figures = new LinkedHashMap<>();
    figures.put("hypercalls", Arrays.stream(calls).sum());
    for (int number = 0; number < calls.length; number++) {
      if (calls[number] > 0) {
        figures.put("hypercalls: " + Hypercalls.name(number), calls[number]);
      }
    }
    figures.put("page-table entries changed", hypercalls.mmu().updates());
    figures.put("page-table writes emulated", tableWrites.emulated());
    figures.put("page tables validated", domain.tables.validations());
    figures.put("flushes asked for", hypercalls.mmu().flushes());
    figures.put(
        "translations and tags dropped",
        domain.vcpus.stream().mapToLong(vcpu -> vcpu.translations.dropped()).sum());
    for (FrameTable.Type type : FrameTable.Type.values()) {
      figures.put("frames last used as " + type, (long) domain.frames.count(type));
    }
    return figures;
  }

  @Override
  public Map<String, Long> tableFrames() {
    Map<String, Long> counts = new LinkedHashMap<>();
    for (FrameTable.Type type : FrameTable.Type.values()) {
      if (type.level() > 0 || type == FrameTable.Type.DESCRIPTORS) {
        counts.put("the guest's, " + type, (long) domain.frames.count(type));
      }
    }
    return counts;
  }

  @Override
  public Optional<AddressWalk> walk(VirtualCpu cpu, long linear) {
    XenVcpu vcpu = domain.vcpus.get(cpu.id());
    long root = (vcpu.kernelMode ? vcpu.kernelTable : vcpu.userTable) << FramePool.FRAME_SHIFT;
    List<AddressWalk.Step> steps = AddressWalk.machineTables(root, linear, false);
    AddressWalk.Step last = steps.getLast();
    String result = "the guest maps nothing there";
    if (last.level() == 1 && (last.entry() & PageEntry.P) != 0) {
      long hpa = last.entry() & PageEntry.ADDRESS | linear & FramePool.FRAME_BYTES - 1;
      int pfn = domain.frames.pfn(hpa >>> FramePool.FRAME_SHIFT);
      result =
          "hpa 0x%x, %s"
              .formatted(
                  hpa,
                  pfn < 0
                      ? "a frame of the monitor's"
                      : "the guest's page 0x%x, used as %s".formatted(pfn, use(hpa)));
    }
    AddressWalk.Table tables = new AddressWalk.Table("the guest's own tables, gva to hpa", steps);
    return Optional.of(new AddressWalk(List.of(tables), result));
  }

  private String use(long hpa) {
    long mfn = hpa >>> FramePool.FRAME_SHIFT;
    FrameTable.Type type = domain.frames.type(mfn);
    return domain.frames.isUsedAs(mfn, type) ? type.toString() : "nothing in particular";
  }

  @Override
  public void close() {
    domain.area.close();
  }

  private final class Power implements VcpuCalls.Power {
    @Override
    public void shutdown(int reason) {
      host.shutdown(reason);
    }

    @Override
    public void block(XenVcpu vcpu, long untilNanos) {
      if (vcpu.wakes()) {
        return;
      }
      waits[vcpu.id] = true;
      if (untilNanos != 0) {
        vcpu.pollUntil(untilNanos);
      }
    }

    @Override
    public void up(XenVcpu vcpu) {
      host.startup(vcpu.id);
    }

    @Override
    public void down(XenVcpu vcpu) {
      host.down(vcpu.id);
    }
  }
}
