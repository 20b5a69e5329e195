package dev.ringzero.vmm.machine;

import dev.ringzero.devices.lapic.ApicMsrs;
import dev.ringzero.engine.Register;
import dev.ringzero.engine.SegmentState;
import dev.ringzero.engine.VirtualCpu;
import dev.ringzero.vmm.cpuid.Cpuid;
import dev.ringzero.vmm.exit.ExitHandling;
import dev.ringzero.vmm.memory.MemoryExits;
import dev.ringzero.x86.ExitReason;
import dev.ringzero.x86.Vector;

/**
 * What the monitor does at each VM exit that {@link VirtualCpu#run()} returns. Halting and stopping
 * are the {@link CpuRunner}'s.
 *
 * @spec Intel SDM Vol. 3C, "VMX Non-Root Operation"
 */
final class ExitHandler implements ExitHandling {
  private static final int CPUID_VERSION = 1;
  private static final long APIC_BASE_EN = 1L << 11;
  private static final long NO_SUCH_HYPERCALL = -1000;
  private static final long LOW_HALF = 0xFFFF_FFFFL;

  private final MemoryExits memory;
  private final Cpuid cpuid;
  private final MsrBus msrs;
  private final RunGate gate;

  ExitHandler(MemoryExits memory, Cpuid cpuid, MsrBus msrs, RunGate gate) {
    this.memory = memory;
    this.cpuid = cpuid;
    this.msrs = msrs;
    this.gate = gate;
  }

  @Override
  public void beforeEntry(VirtualCpu cpu) {}

  @Override
  public boolean handle(VirtualCpu cpu, ExitReason reason) {
    switch (reason) {
      case CPUID -> cpuid.execute(cpu, hasApic(cpu));
      case RDMSR -> readMsr(cpu);
      case WRMSR -> writeMsr(cpu);
      case TRIPLE_FAULT -> tripleFault(cpu);
      case PAUSE, MONITOR, WBINVD, INVD -> cpu.skipInstruction();
      case VMCALL -> hypercall(cpu);
      default -> handleMemory(cpu, reason);
    }
    return false;
  }

  /** {@inheritDoc} It begins in real mode, in the page of the vector's number. */
  @Override
  public void start(VirtualCpu cpu, int vector) {
    SegmentState code = cpu.segment(SegmentState.CS);
    cpu.segment(
        SegmentState.CS,
        new SegmentState(vector << 8, (long) vector << 12, code.limit(), code.accessRights()));
    cpu.register(Register.RIP, 0);
  }

  private boolean hasApic(VirtualCpu cpu) {
    boolean asked = cpu.register(Register.RAX) == CPUID_VERSION;
    return !asked || (msrs.read(cpu, ApicMsrs.IA32_APIC_BASE) & APIC_BASE_EN) != 0;
  }

  /** There are none; a guest that tries one learns that, as it would of KVM. */
  private static void hypercall(VirtualCpu cpu) {
    cpu.register(Register.RAX, NO_SUCH_HYPERCALL);
    cpu.skipInstruction();
  }

  private void handleMemory(VirtualCpu cpu, ExitReason reason) {
    switch (memory.handle(cpu, reason)) {
      case DONE -> {}
      case NO_RAM -> fail("the guest has code or a table where there is no RAM, at", cpu);
      case EXHAUSTED -> gate.end(MachineEnd.outOfMemory());
      case TRIPLE_FAULT -> tripleFault(cpu);
      case NOT_MINE -> {
        String detail = "unexpected VM exit " + reason + " at " + where(cpu);
        gate.end(new MachineEnd(MachineEnd.Cause.FAILED, detail));
      }
    }
  }

  private void tripleFault(VirtualCpu cpu) {
    gate.end(new MachineEnd(MachineEnd.Cause.TRIPLE_FAULT, where(cpu)));
  }

  private void readMsr(VirtualCpu cpu) {
    int index = (int) cpu.register(Register.RCX);
    try {
      long value = msrs.read(cpu, index);
      cpu.register(Register.RAX, value & LOW_HALF);
      cpu.register(Register.RDX, value >>> 32);
      cpu.skipInstruction();
    } catch (MsrBus.InvalidMsrAccess e) {
      cpu.injectException(Vector.GP, 0);
    }
  }

  private void writeMsr(VirtualCpu cpu) {
    int index = (int) cpu.register(Register.RCX);
    long value = cpu.register(Register.RDX) << 32 | cpu.register(Register.RAX) & LOW_HALF;
    try {
      msrs.write(cpu, index, value);
      cpu.skipInstruction();
    } catch (MsrBus.InvalidMsrAccess e) {
      cpu.injectException(Vector.GP, 0);
    }
  }

  private void fail(String why, VirtualCpu cpu) {
    String detail = why + " 0x" + Long.toHexString(cpu.exit().gpa);
    gate.end(new MachineEnd(MachineEnd.Cause.FAILED, detail));
  }

  private static String where(VirtualCpu cpu) {
    return "RIP 0x" + Long.toHexString(cpu.register(Register.RIP));
  }
}
