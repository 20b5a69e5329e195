package dev.ringzero.cpu.interpreter;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.Operands;
import dev.ringzero.cpu.integer.Binary;
import dev.ringzero.memory.FramePool;
import dev.ringzero.memory.MachineMemory;
import dev.ringzero.x86.Vector;
import dev.ringzero.x86.Width;

/** Registers and memory as specialized instructions reach them, in 64-bit mode. */
final class Access {
  private static final long CANONICAL_BIAS = 1L << 47;

  private Access() {}

  static long register(Cpu cpu, int number, int width) {
    return Width.truncate(width, cpu.gpr[number]);
  }

  static void register(Cpu cpu, int number, int width, long value) {
    long[] gpr = cpu.gpr;
    if (width == 64) {
      gpr[number] = value;
    } else if (width == 32) {
      gpr[number] = value & 0xFFFF_FFFFL;
    } else if (width == 16) {
      gpr[number] = gpr[number] & ~0xFFFFL | value & 0xFFFF;
    } else {
      gpr[number] = gpr[number] & ~0xFFL | value & 0xFF;
    }
  }

  static long load(Cpu cpu, int segment, long linear, int width) {
    check(cpu, segment, linear, width);
    return Operands.load(cpu, linear, width);
  }

  static void store(Cpu cpu, int segment, long linear, int width, long value) {
    check(cpu, segment, linear, width);
    Operands.store(cpu, linear, width, value);
  }

  /** Reads, changes and writes memory; write permission is checked before anything changes. */
  static void modify(Cpu cpu, int segment, long linear, int width, Binary meaning, long source) {
    check(cpu, segment, linear, width);
    long hpa = cpu.mmu.writableRun(linear);
    int inPage = (int) linear & FramePool.FRAME_BYTES - 1;
    if (hpa >= 0 && inPage <= FramePool.FRAME_BYTES - (width >> 3)) {
      store(hpa, width, meaning.apply(cpu, width, load(hpa, width), source));
    } else {
      cpu.mmu.probeWrite(linear, width >> 3);
      long old = Operands.load(cpu, linear, width);
      Operands.store(cpu, linear, width, meaning.apply(cpu, width, old, source));
    }
  }

  private static long load(long hpa, int width) {
    return switch (width) {
      case 64 -> MachineMemory.read64(hpa);
      case 32 -> MachineMemory.read32(hpa);
      case 16 -> MachineMemory.read16(hpa);
      default -> MachineMemory.read8(hpa);
    };
  }

  private static void store(long hpa, int width, long value) {
    switch (width) {
      case 64 -> MachineMemory.write64(hpa, value);
      case 32 -> MachineMemory.write32(hpa, value);
      case 16 -> MachineMemory.write16(hpa, value);
      default -> MachineMemory.write8(hpa, value);
    }
  }

  static void push(Cpu cpu, long value) {
    long pointer = cpu.gpr[Cpu.RSP] - 8;
    store(cpu, Cpu.SS, pointer, 64, value);
    cpu.gpr[Cpu.RSP] = pointer;
  }

  private static void check(Cpu cpu, int segment, long linear, int width) {
    long last = linear + (width >> 3) - 1;
    if ((linear + CANONICAL_BIAS | last + CANONICAL_BIAS) >>> 48 != 0) {
      throw cpu.fault(segment == Cpu.SS ? Vector.SS : Vector.GP, 0);
    }
  }

  /** #GP(0) unless instructions can be at this address. */
  static void checkTarget(Cpu cpu, long target) {
    if (target + CANONICAL_BIAS >>> 48 != 0) {
      throw cpu.fault(Vector.GP, 0);
    }
  }
}
