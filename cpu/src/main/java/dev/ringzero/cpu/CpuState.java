package dev.ringzero.cpu;

import dev.ringzero.engine.SegmentState;
import dev.ringzero.engine.state.StateException;
import dev.ringzero.engine.state.StateReader;
import dev.ringzero.engine.state.StateWriter;

/** Saves and restores the architectural state of a processor. */
final class CpuState {
  private static final int VERSION = 3;
  private static final int VECTOR_LONGS = 16 * 4;

  private final Cpu cpu;

  CpuState(Cpu cpu) {
    this.cpu = cpu;
  }

  int stateVersion() {
    return VERSION;
  }

  void save(StateWriter out) {
    for (int register = 0; register < 16; register++) {
      out.writeLong(cpu.gpr[register]);
    }
    out.writeLong(cpu.rip);
    out.writeLong(Flags.read(cpu));
    out.writeLong(cpu.cr0);
    out.writeLong(cpu.cr2);
    out.writeLong(cpu.cr3);
    out.writeLong(cpu.cr4);
    out.writeLong(cpu.xcr0);
    out.writeLong(cpu.efer);
    out.writeLongs(cpu.dr);
    for (int number = SegmentState.ES; number <= SegmentState.IDTR; number++) {
      saveSegment(out, RegisterAccess.segment(cpu, number));
    }
    for (int i = 0; i < VECTOR_LONGS; i++) {
      out.writeLong(cpu.vector[i]);
    }
    out.writeInt(cpu.mxcsr);
    out.writeUnit(cpu.x87);
    out.writeLongs(cpu.mmu.pdptes());
    out.writeUnit(cpu.system);
    out.writeUnit(cpu.svm);
    out.writeUnit(cpu.vmx);
  }

  private static void saveSegment(StateWriter out, SegmentState segment) {
    out.writeInt(segment.selector());
    out.writeLong(segment.base());
    out.writeLong(segment.limit());
    out.writeInt(segment.accessRights());
  }

  void restore(StateReader in, int version) {
    if (version != VERSION) {
      throw new StateException("processor state of version " + version);
    }
    for (int register = 0; register < 16; register++) {
      cpu.gpr[register] = in.readLong();
    }
    cpu.rip = in.readLong();
    Flags.write(cpu, in.readLong());
    cpu.cr0 = in.readLong();
    cpu.cr2 = in.readLong();
    cpu.cr3 = in.readLong();
    cpu.cr4 = in.readLong();
    cpu.xcr0 = in.readLong();
    cpu.efer = in.readLong();
    in.readLongs(cpu.dr);
    for (int number = SegmentState.ES; number <= SegmentState.IDTR; number++) {
      RegisterAccess.segment(cpu, number, restoreSegment(in));
    }
    for (int i = 0; i < VECTOR_LONGS; i++) {
      cpu.vector[i] = in.readLong();
    }
    cpu.mxcsr = in.readInt();
    in.readUnit(cpu.x87);
    in.readLongs(cpu.mmu.pdptes());
    in.readUnit(cpu.system);
    in.readUnit(cpu.svm);
    in.readUnit(cpu.vmx);
  }

  private static SegmentState restoreSegment(StateReader in) {
    return new SegmentState(in.readInt(), in.readLong(), in.readLong(), in.readInt());
  }
}
