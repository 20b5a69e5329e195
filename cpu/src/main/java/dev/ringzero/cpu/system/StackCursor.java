package dev.ringzero.cpu.system;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.x86.Vector;

/**
 * A stack that a control transfer reads or writes before it is known to succeed: the present one,
 * or one that is not loaded into SS:rSP yet. The registers change only by {@link #commitPointer()}.
 */
final class StackCursor {
  private final Cpu cpu;
  private final long base;
  private final long limit;
  private final int access;

  /** Bits of the stack pointer in use: 16, 32 or 64. */
  private final int width;

  private final int cpl;
  private final int errorCode;
  long pointer;

  private StackCursor(
      Cpu cpu, long base, long limit, int access, int width, int cpl, int errorCode) {
    this.cpu = cpu;
    this.base = base;
    this.limit = limit;
    this.access = access;
    this.width = width;
    this.cpl = cpl;
    this.errorCode = errorCode;
  }

  /** The present stack. */
  static StackCursor current(Cpu cpu, int errorCode) {
    StackCursor stack =
        new StackCursor(
            cpu,
            cpu.codeSize == 64 ? 0 : cpu.segmentBase[Cpu.SS],
            cpu.segmentLimit[Cpu.SS],
            cpu.segmentAccess[Cpu.SS],
            width(cpu),
            cpu.cpl,
            errorCode);
    stack.pointer = cpu.gpr[Cpu.RSP];
    return stack;
  }

  /** A stack in a segment that is not loaded yet. */
  static StackCursor of(Cpu cpu, long descriptor, long pointer, int cpl, int errorCode) {
    int access = Descriptor.access(descriptor);
    StackCursor stack =
        new StackCursor(
            cpu,
            Descriptor.base(descriptor),
            Descriptor.limit(descriptor),
            access,
            (access & AccessRights.DB) != 0 ? 32 : 16,
            cpl,
            errorCode);
    stack.pointer = pointer;
    return stack;
  }

  /** A flat stack of IA-32e mode. */
  static StackCursor of64(Cpu cpu, long pointer, int cpl, int errorCode) {
    StackCursor stack = new StackCursor(cpu, 0, 0, 0, 64, cpl, errorCode);
    stack.pointer = pointer;
    return stack;
  }

  /** Stack address size of the present stack in bits. */
  static int width(Cpu cpu) {
    if (cpu.codeSize == 64) {
      return 64;
    }
    return (cpu.segmentAccess[Cpu.SS] & AccessRights.DB) != 0 ? 32 : 16;
  }

  void push(int sizeBytes, long value) {
    long next = move(-sizeBytes);
    long linear = linear(next, sizeBytes);
    if (cpl == 3) {
      writeUser(linear, sizeBytes, value);
    } else {
      cpu.mmu.writeSupervisor(linear, sizeBytes, value);
    }
    pointer = next;
  }

  private void writeUser(long linear, int sizeBytes, long value) {
    switch (sizeBytes) {
      case 2 -> cpu.mmu.write16(linear, value);
      case 4 -> cpu.mmu.write32(linear, value);
      default -> cpu.mmu.write64(linear, value);
    }
  }

  long pop(int sizeBytes) {
    long linear = linear(truncate(pointer), sizeBytes);
    long value =
        switch (sizeBytes) {
          case 2 -> cpu.mmu.read16(linear);
          case 4 -> cpu.mmu.read32(linear);
          default -> cpu.mmu.read64(linear);
        };
    pointer = move(sizeBytes);
    return value;
  }

  /** Moves the pointer by some bytes without an access. */
  void skip(long bytes) {
    pointer = move(bytes);
  }

  void align16() {
    pointer &= -16;
  }

  /** Loads rSP with the pointer, as wide as this stack is. */
  void commitPointer() {
    cpu.gpr[Cpu.RSP] =
        switch (width) {
          case 64 -> pointer;
          case 32 -> pointer & 0xFFFF_FFFFL;
          default -> cpu.gpr[Cpu.RSP] & ~0xFFFFL | pointer & 0xFFFF;
        };
  }

  private long move(long bytes) {
    return truncate(pointer + bytes);
  }

  private long truncate(long offset) {
    return switch (width) {
      case 64 -> offset;
      case 32 -> offset & 0xFFFF_FFFFL;
      default -> offset & 0xFFFF;
    };
  }

  private long linear(long offset, int sizeBytes) {
    long last = offset + sizeBytes - 1;
    if (width == 64) {
      if (!Segmentation.canonical(offset) || !Segmentation.canonical(last)) {
        throw cpu.fault(Vector.SS, errorCode);
      }
      return offset;
    }
    boolean expandDown = (access & AccessRights.EXPAND_DOWN) != 0;
    long upper = (access & AccessRights.DB) != 0 ? 0xFFFF_FFFFL : 0xFFFF;
    if (expandDown ? offset <= limit || last > upper : last > limit) {
      throw cpu.fault(Vector.SS, errorCode);
    }
    return base + offset & 0xFFFF_FFFFL;
  }
}
