package dev.ringzero.cpu.integer;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.Flags;
import dev.ringzero.cpu.Operands;
import dev.ringzero.cpu.Semantics;
import dev.ringzero.cpu.system.Segmentation;
import dev.ringzero.x86.Width;
import dev.ringzero.x86.instruction.Instruction;
import dev.ringzero.x86.instruction.Operand;

/** Turns meanings that know only values into ones that fetch and store their operands. */
final class Bindings {
  private Bindings() {}

  /** The first operand is read and written. */
  static Semantics modify(Unary meaning) {
    return (cpu, i) ->
        modify(cpu, i, (c, width, value, source) -> meaning.apply(c, width, value), 0);
  }

  /** The first operand is read and written, the second read. */
  static Semantics modify(Binary meaning) {
    return (cpu, i) -> modify(cpu, i, meaning, Operands.read(cpu, i, 1));
  }

  /** The first operand is read and written, the second and third are read. */
  static Semantics modify(Ternary meaning) {
    return (cpu, i) -> {
      long third = Operands.read(cpu, i, 2);
      modify(
          cpu,
          i,
          (c, width, a, b) -> meaning.apply(c, width, a, b, third),
          Operands.read(cpu, i, 1));
    };
  }

  /**
   * Reads, changes and writes the first operand; atomically if it is in memory and locked. Memory
   * that cannot be written faults before anything changes.
   *
   * @return the operand as it was
   */
  static long modify(Cpu cpu, Instruction i, Binary meaning, long source) {
    int width = Operands.width(cpu, i, 0);
    if (!Operands.inMemory(i, 0)) {
      int register = Operands.register(i, 0);
      long old = Operands.readRegister(cpu, i, register, width);
      Operands.writeRegister(cpu, i, register, width, meaning.apply(cpu, width, old, source));
      return old;
    }
    long linear = Operands.linear(cpu, i, width >> 3, true);
    return modifyMemory(cpu, linear, width, i.lock, meaning, source);
  }

  static long modifyMemory(
      Cpu cpu, long linear, int width, boolean lock, Binary meaning, long source) {
    cpu.mmu.probeWrite(linear, width >> 3);
    if (lock) {
      return modifyAtomically(cpu, linear, width, meaning, source);
    }
    long old = Operands.load(cpu, linear, width);
    Operands.store(cpu, linear, width, meaning.apply(cpu, width, old, source));
    return old;
  }

  static long modifyAtomically(Cpu cpu, long linear, int width, Binary meaning, long source) {
    long flagResult = cpu.flagResult;
    long flagCarries = cpu.flagCarries;
    while (true) {
      long old = Operands.load(cpu, linear, width);
      long value = Width.truncate(width, meaning.apply(cpu, width, old, source));
      if (cpu.mmu.compareAndExchange(linear, width >> 3, old, value) == old) {
        return old;
      }
      cpu.flagResult = flagResult;
      cpu.flagCarries = flagCarries;
    }
  }

  /** The first two operands are read, nothing but flags is written. */
  static Semantics compare(Binary meaning) {
    return (cpu, i) ->
        meaning.apply(
            cpu, Operands.width(cpu, i, 0), Operands.read(cpu, i, 0), Operands.read(cpu, i, 1));
  }

  /** The first operand is written, the second read. */
  static Semantics produce(Unary meaning) {
    return (cpu, i) ->
        Operands.write(
            cpu, i, 0, meaning.apply(cpu, Operands.width(cpu, i, 1), Operands.read(cpu, i, 1)));
  }

  /** The first operand is written, the second and third are read. */
  static Semantics produce(Binary meaning) {
    return (cpu, i) ->
        Operands.write(
            cpu,
            i,
            0,
            meaning.apply(
                cpu,
                Operands.width(cpu, i, 1),
                Operands.read(cpu, i, 1),
                Operands.read(cpu, i, 2)));
  }

  /** BT and kin: a bit offset in a register selects any byte around a memory operand. */
  static Semantics bitTest(Binary meaning) {
    return (cpu, i) -> {
      long bit = Operands.read(cpu, i, 1);
      boolean writes = i.operand(0).written();
      int width = Operands.width(cpu, i, 0);
      if (!Operands.inMemory(i, 0)) {
        long result = meaning.apply(cpu, width, Operands.read(cpu, i, 0), bit);
        if (writes) {
          Operands.write(cpu, i, 0, result);
        }
      } else if (writes) {
        modifyMemory(cpu, bitString(cpu, i, width, bit, true), width, i.lock, meaning, bit);
      } else {
        long linear = bitString(cpu, i, width, bit, false);
        meaning.apply(cpu, width, Operands.load(cpu, linear, width), bit);
      }
    };
  }

  private static long bitString(Cpu cpu, Instruction i, int width, long bit, boolean write) {
    long offset = cpu.offset(i);
    if (i.operand(1).place() != Operand.Place.IMMEDIATE) {
      long unit = Width.signExtend(width, bit) >> Integer.numberOfTrailingZeros(width);
      offset = Width.truncate(i.addressSize, offset + unit * (width >> 3));
    }
    return Segmentation.linear(cpu, i.segment, offset, width >> 3, write);
  }

  /** BSF and BSR: with a source of zero the destination keeps its value, as all processors do. */
  static Semantics scan(Unary meaning) {
    return (cpu, i) -> {
      int width = Operands.width(cpu, i, 1);
      long source = Operands.read(cpu, i, 1);
      Flags.logical(cpu, width, source);
      if (source != 0) {
        Operands.write(cpu, i, 0, meaning.apply(cpu, width, source));
      }
    };
  }
}
