package dev.ringzero.cpu.svm;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.Flags;
import dev.ringzero.cpu.system.ControlRegisters;
import dev.ringzero.cpu.system.SystemRegisters;
import dev.ringzero.engine.state.StateReader;
import dev.ringzero.engine.state.StateWriter;
import dev.ringzero.engine.state.Stateful;
import dev.ringzero.x86.Rflags;

/**
 * What VMRUN keeps of the monitor that executes it and #VMEXIT loads again. It stays in the
 * processor: nobody may look at what the host save area holds.
 *
 * @spec AMD64 APM Vol. 2, "VMRUN Instruction"; "#VMEXIT"
 */
final class HostState implements Stateful {
  private static final long DR7_AFTER_EXIT = 0x400;
  private static final int SEGMENTS = 4; // ES, CS, SS, DS

  private final Cpu cpu;
  private final long[] scalars = new long[14];
  private final long[] segments = new long[4 * SEGMENTS];
  private final long[] pdptes = new long[4];
  private final long[] branches = new long[5]; // IA32_DEBUGCTL, then the record
  private boolean nmiBlocked;

  HostState(Cpu cpu) {
    this.cpu = cpu;
  }

  /** RFLAGS of the monitor at VMRUN. */
  long flags() {
    return scalars[2];
  }

  long cr0() {
    return scalars[5];
  }

  long cr4() {
    return scalars[7];
  }

  long efer() {
    return scalars[8];
  }

  void save(long nextRip) {
    SystemRegisters system = cpu.system;
    scalars[0] = nextRip;
    scalars[1] = cpu.gpr[Cpu.RSP];
    scalars[2] = Flags.read(cpu);
    scalars[3] = cpu.gpr[Cpu.RAX];
    scalars[4] = cpu.cpl;
    scalars[5] = cpu.cr0;
    scalars[6] = cpu.cr3;
    scalars[7] = cpu.cr4;
    scalars[8] = cpu.efer;
    scalars[9] = system.gdtrBase;
    scalars[10] = system.gdtrLimit;
    scalars[11] = system.idtrBase;
    scalars[12] = system.idtrLimit;
    scalars[13] = system.pat;
    for (int segment = 0; segment < SEGMENTS; segment++) {
      segments[4 * segment] = cpu.selector[segment];
      segments[4 * segment + 1] = cpu.segmentBase[segment];
      segments[4 * segment + 2] = cpu.segmentLimit[segment];
      segments[4 * segment + 3] = cpu.segmentAccess[segment];
    }
    System.arraycopy(cpu.mmu.pdptes(), 0, pdptes, 0, 4);
    nmiBlocked = system.nmiBlocked;
    branches[0] = system.debugctl;
    System.arraycopy(system.branches.addresses(), 0, branches, 1, 4);
  }

  /** The monitor's branch records again, where its guest had its own. */
  void loadBranches() {
    cpu.system.debugctl = branches[0];
    System.arraycopy(branches, 1, cpu.system.branches.addresses(), 0, 4);
  }

  /** Loads the state again; the next instruction is the one behind VMRUN. */
  void load() {
    SystemRegisters system = cpu.system;
    cpu.gpr[Cpu.RSP] = scalars[1];
    cpu.gpr[Cpu.RAX] = scalars[3];
    cpu.cpl = (int) scalars[4];
    cpu.cr0 = scalars[5];
    cpu.cr3 = scalars[6];
    cpu.cr4 = scalars[7];
    cpu.efer = scalars[8];
    system.gdtrBase = scalars[9];
    system.gdtrLimit = (int) scalars[10];
    system.idtrBase = scalars[11];
    system.idtrLimit = (int) scalars[12];
    system.pat = scalars[13];
    for (int segment = 0; segment < SEGMENTS; segment++) {
      cpu.selector[segment] = (int) segments[4 * segment];
      cpu.segmentBase[segment] = segments[4 * segment + 1];
      cpu.segmentLimit[segment] = segments[4 * segment + 2];
      cpu.segmentAccess[segment] = (int) segments[4 * segment + 3];
    }
    System.arraycopy(pdptes, 0, cpu.mmu.pdptes(), 0, 4);
    system.nmiBlocked = nmiBlocked;
    cpu.dr[7] = DR7_AFTER_EXIT;
    Flags.write(cpu, scalars[2] & ~Rflags.VM);
    ControlRegisters.levelChanged(cpu);
    cpu.rip = scalars[0];
    cpu.nextRip = scalars[0];
  }

  @Override
  public String stateName() {
    return "host";
  }

  @Override
  public int stateVersion() {
    return 2;
  }

  @Override
  public void save(StateWriter out) {
    out.writeLongs(scalars);
    out.writeLongs(segments);
    out.writeLongs(pdptes);
    out.writeLongs(branches);
    out.writeBoolean(nmiBlocked);
  }

  @Override
  public void restore(StateReader in, int version) {
    in.readLongs(scalars);
    in.readLongs(segments);
    in.readLongs(pdptes);
    in.readLongs(branches);
    nmiBlocked = in.readBoolean();
  }
}
