package dev.ringzero.cpu.integer;

import static dev.ringzero.cpu.Cpu.ES;
import static dev.ringzero.cpu.Cpu.RAX;
import static dev.ringzero.cpu.Cpu.RCX;
import static dev.ringzero.cpu.Cpu.RDI;
import static dev.ringzero.cpu.Cpu.RSI;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.Flags;
import dev.ringzero.cpu.Operands;
import dev.ringzero.cpu.system.Segmentation;
import dev.ringzero.x86.Rflags;
import dev.ringzero.x86.Width;
import dev.ringzero.x86.instruction.Instruction;

/**
 * String instructions. A repeated one stops between two elements for events that wait, with its
 * registers as far as it came, and goes on when it runs again.
 *
 * @spec Intel SDM Vol. 2, "REP/REPE/REPZ/REPNE/REPNZ"
 */
public final class Strings {
  /** Elements after which a repeated instruction looks for events. */
  private static final int BATCH = 64;

  private Strings() {}

  /** One element of a string instruction, registers included. */
  @FunctionalInterface
  public interface Element {
    void run(Cpu cpu, Instruction i);
  }

  /** Several elements of a string instruction at once, rSI and rDI included. */
  @FunctionalInterface
  interface Bulk {
    /** Runs up to {@code count} elements and tells how many; 0 where they must run singly. */
    long run(Cpu cpu, Instruction i, long count);
  }

  static void movs(Cpu cpu, Instruction i) {
    repeat(cpu, i, Strings::move, BulkStrings::move);
  }

  static void stos(Cpu cpu, Instruction i) {
    repeat(cpu, i, Strings::store, BulkStrings::store);
  }

  static void lods(Cpu cpu, Instruction i) {
    repeat(cpu, i, Strings::load, Strings::nothing);
  }

  static void cmps(Cpu cpu, Instruction i) {
    repeatWhile(cpu, i, Strings::compare);
  }

  static void scas(Cpu cpu, Instruction i) {
    repeatWhile(cpu, i, Strings::scan);
  }

  /** Runs an element once, or rCX times with a REP prefix. */
  public static void repeat(Cpu cpu, Instruction i, Element element) {
    repeat(cpu, i, element, Strings::nothing);
  }

  private static void repeat(Cpu cpu, Instruction i, Element element, Bulk bulk) {
    if (i.rep || i.repne) {
      repeat(cpu, i, element, bulk, false);
    } else {
      element.run(cpu, i);
    }
  }

  private static void repeatWhile(Cpu cpu, Instruction i, Element element) {
    if (i.rep || i.repne) {
      repeat(cpu, i, element, Strings::nothing, true);
    } else {
      element.run(cpu, i);
    }
  }

  private static long nothing(Cpu cpu, Instruction i, long count) {
    return 0;
  }

  private static void repeat(
      Cpu cpu, Instruction i, Element element, Bulk bulk, boolean untilZero) {
    long count = Width.truncate(i.addressSize, cpu.gpr[RCX]);
    int left = BATCH;
    while (count != 0) {
      long many = bulk.run(cpu, i, count);
      if (many != 0) {
        count -= many;
        Operands.setRegister(cpu, RCX, i.addressSize, count);
        if (count != 0 && pauses(cpu, 0)) {
          cpu.nextRip = cpu.rip;
          return;
        }
        continue;
      }
      element.run(cpu, i);
      count--;
      Operands.setRegister(cpu, RCX, i.addressSize, count);
      if (untilZero && Flags.zero(cpu) == i.repne) {
        return;
      }
      if (count != 0 && pauses(cpu, --left)) {
        cpu.nextRip = cpu.rip;
        return;
      }
      left = left == 0 ? BATCH : left;
    }
  }

  private static boolean pauses(Cpu cpu, int left) {
    return left == 0 && cpu.attention.raised() || (cpu.systemFlags & Rflags.TF) != 0;
  }

  private static void move(Cpu cpu, Instruction i) {
    int width = Operands.width(cpu, i, 0);
    write(cpu, i, width, Operands.load(cpu, source(cpu, i, width), width));
    advance(cpu, i, RSI, width);
    advance(cpu, i, RDI, width);
  }

  private static void store(Cpu cpu, Instruction i) {
    int width = Operands.width(cpu, i, 0);
    write(cpu, i, width, cpu.gpr[RAX]);
    advance(cpu, i, RDI, width);
  }

  private static void load(Cpu cpu, Instruction i) {
    int width = Operands.width(cpu, i, 0);
    Operands.setRegister(cpu, RAX, width, Operands.load(cpu, source(cpu, i, width), width));
    advance(cpu, i, RSI, width);
  }

  private static void compare(Cpu cpu, Instruction i) {
    int width = Operands.width(cpu, i, 0);
    long first = Operands.load(cpu, source(cpu, i, width), width);
    long second = Operands.load(cpu, destination(cpu, i, width, false), width);
    Arithmetic.sub(cpu, width, first, second);
    advance(cpu, i, RSI, width);
    advance(cpu, i, RDI, width);
  }

  private static void scan(Cpu cpu, Instruction i) {
    int width = Operands.width(cpu, i, 0);
    long value = Operands.load(cpu, destination(cpu, i, width, false), width);
    Arithmetic.sub(cpu, width, Width.truncate(width, cpu.gpr[RAX]), value);
    advance(cpu, i, RDI, width);
  }

  private static void write(Cpu cpu, Instruction i, int width, long value) {
    Operands.store(cpu, destination(cpu, i, width, true), width, value);
  }

  /** Linear address of the element at rSI, whose segment may be overridden. */
  public static long source(Cpu cpu, Instruction i, int width) {
    long offset = Width.truncate(i.addressSize, cpu.gpr[RSI]);
    return Segmentation.linear(cpu, i.segment, offset, width >> 3, false);
  }

  /** Linear address of the element at ES:rDI. */
  public static long destination(Cpu cpu, Instruction i, int width, boolean write) {
    long offset = Width.truncate(i.addressSize, cpu.gpr[RDI]);
    return Segmentation.linear(cpu, ES, offset, width >> 3, write);
  }

  /** Moves rSI or rDI on to the next element. */
  public static void advance(Cpu cpu, Instruction i, int register, int width) {
    long step = (cpu.systemFlags & Rflags.DF) == 0 ? width >> 3 : -(width >> 3);
    Operands.setRegister(cpu, register, i.addressSize, cpu.gpr[register] + step);
  }
}
