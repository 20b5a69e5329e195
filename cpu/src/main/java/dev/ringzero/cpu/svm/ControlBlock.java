package dev.ringzero.cpu.svm;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.memory.MachineMemory;
import dev.ringzero.x86.Vmcb;

/** A VMCB in the memory of the monitor that owns it: its fields, and segments in their format. */
final class ControlBlock {
  private static final int BYTES = 4096;
  private static final int PRESENT = 0x80;
  private static final int UNUSABLE = 1 << 16;

  private final Cpu cpu;
  private long hpa;

  ControlBlock(Cpu cpu) {
    this.cpu = cpu;
  }

  /**
   * Looks at the block at a physical address of the monitor's.
   *
   * @return false if no RAM is there
   * @throws dev.ringzero.cpu.ExitSignal if RAM there has no frame yet
   */
  boolean open(long gpa) {
    hpa = cpu.mmu.physical(gpa, true);
    return hpa >= 0;
  }

  /** After fields were written. */
  void close() {
    cpu.mmu.physicalWritten(hpa, BYTES);
  }

  long read64(int field) {
    return MachineMemory.read64(hpa + field);
  }

  int read32(int field) {
    return (int) MachineMemory.read32(hpa + field);
  }

  int read16(int field) {
    return (int) MachineMemory.read16(hpa + field);
  }

  int read8(int field) {
    return (int) MachineMemory.read8(hpa + field);
  }

  void write64(int field, long value) {
    MachineMemory.write64(hpa + field, value);
  }

  void write32(int field, int value) {
    MachineMemory.write32(hpa + field, value);
  }

  void write8(int field, int value) {
    MachineMemory.write8(hpa + field, value);
  }

  /** Loads ES to GS. */
  void loadSegment(int segment, int field) {
    cpu.selector[segment] = read16(field + Vmcb.SELECTOR);
    cpu.segmentAccess[segment] = access(read16(field + Vmcb.ATTRIBUTES));
    cpu.segmentLimit[segment] = read32(field + Vmcb.LIMIT) & 0xFFFF_FFFFL;
    cpu.segmentBase[segment] = readBase(field);
  }

  /** The base of a segment, made canonical. */
  long readBase(int field) {
    return canonical(read64(field + Vmcb.BASE));
  }

  static long canonical(long linear) {
    return linear << 16 >> 16;
  }

  void saveSegment(int segment, int field) {
    saveSegment(
        field,
        cpu.selector[segment],
        cpu.segmentAccess[segment],
        cpu.segmentLimit[segment],
        cpu.segmentBase[segment]);
  }

  void saveSegment(int field, int selector, int access, long limit, long base) {
    write32(field, selector & 0xFFFF | attributes(access) << 16);
    write32(field + Vmcb.LIMIT, (int) limit);
    write64(field + Vmcb.BASE, base);
  }

  /** Access rights as the processor keeps them, of a VMCB's attributes. */
  int access(int attributes) {
    int access = attributes & 0xFF | (attributes & 0xF00) << 4;
    return (access & PRESENT) == 0 ? access | UNUSABLE : access;
  }

  private static int attributes(int access) {
    int present = (access & UNUSABLE) != 0 ? access & ~PRESENT : access;
    return present & 0xFF | present >> 4 & 0xF00;
  }
}
