package dev.ringzero.selftest;

import dev.ringzero.testkit.silicon.NativeCpu;
import dev.ringzero.testkit.silicon.ProcessorState;
import dev.ringzero.x86.Rflags;
import dev.ringzero.x86.instruction.Attribute;
import dev.ringzero.x86.instruction.Instruction;
import dev.ringzero.x86.instruction.Operand;
import java.util.ArrayList;
import java.util.List;

/** Finds what differs between two states after an instruction. */
final class Comparison {
  private static final int X87_APPROXIMATE = 0x82B0; // PE, UE, C1, and ES with B for them

  private Comparison() {}

  /** The differences in words; empty if there are none. */
  static List<String> differences(
      Instruction i, ProcessorState before, ProcessorState ours, ProcessorState silicon) {
    List<String> found = new ArrayList<>();
    compare(found, "exception", ours.exception, silicon.exception);
    if (!found.isEmpty()) {
      return found;
    }
    compare(found, "error code", ours.errorCode, silicon.errorCode);
    long address = Tolerance.faultAddress(i);
    compare(found, "fault address", ours.faultAddress & address, silicon.faultAddress & address);
    compare(found, "RIP", ours.rip, silicon.rip);
    if (Tolerance.isOpen(i, before) && ours.exception < 0) {
      return found;
    }
    long flags = Tolerance.flags(i);
    compare(found, "flags", ours.flags & flags, silicon.flags & flags);
    for (int r = 0; r < 16; r++) {
      if (!(isDestination(i, r) && Tolerance.destinationOpen(i, silicon))) {
        compare(found, "GPR " + r, ours.gpr[r], silicon.gpr[r]);
      }
    }
    if (Tolerance.mayRestoreInPart(i, ours)) {
      return found;
    }
    vectors(found, i, ours, silicon);
    boolean usesX87 = i.form.is(Attribute.X87 | Attribute.MMX) || Images.isImage(i.form);
    if (usesX87 && !Tolerance.mayHaveEnteredMmx(i, ours)) {
      x87(found, ours, silicon, Tolerance.isTranscendental(i));
    }
    int at = ours.memoryMismatch(silicon);
    if (at >= 0 && !(ours.exception >= 0 && Tolerance.mayStoreInPart(i))) {
      found.add(
          "memory at %x: ours %02x, silicon %02x"
              .formatted(NativeCpu.DATA + at, ours.memory[at], silicon.memory[at]));
    }
    return found;
  }

  /**
   * The differences after a sequence.
   *
   * @param last the instruction that raised an exception, or null
   * @param flags those that must be equal
   * @param codeSize 64, or 32: only halves of eight registers count
   */
  static List<String> afterSequence(
      Instruction last, ProcessorState ours, ProcessorState other, long flags, int codeSize) {
    List<String> found = new ArrayList<>();
    compare(
        found,
        "exception",
        Tolerance.exception(last, ours.exception),
        Tolerance.exception(last, other.exception));
    compare(found, "RIP", ours.rip, other.rip);
    boolean faulted = last != null && ours.exception >= 0;
    long address = faulted ? Tolerance.faultAddress(last) : -1;
    if (address != 0) {
      compare(found, "error code", ours.errorCode, other.errorCode);
    }
    compare(found, "fault address", ours.faultAddress & address, other.faultAddress & address);
    long compared = flags & (Rflags.STATUS | Rflags.DF);
    compare(found, "flags", ours.flags & compared, other.flags & compared);
    long half = codeSize == 64 ? -1 : 0xFFFF_FFFFL;
    for (int r = 0; r < codeSize / 4; r++) {
      compare(found, "GPR " + r, ours.gpr[r] & half, other.gpr[r] & half);
    }
    for (int n = 0; n < 64; n++) {
      compare(found, "YMM" + n / 4 + " lane " + n % 4, ours.vector[n], other.vector[n]);
    }
    if (!faulted || !Tolerance.mayHaveRaised(last, ours)) {
      compare(found, "MXCSR", ours.mxcsr, other.mxcsr);
    }
    if (!faulted || !Tolerance.mayHaveEnteredMmx(last, ours)) {
      x87(found, ours, other, false);
    }
    int at = ours.memoryMismatch(other);
    if (at >= 0 && !(faulted && Tolerance.mayStoreInPart(last))) {
      found.add(
          "memory at %x: ours %02x, silicon %02x"
              .formatted(NativeCpu.DATA + at, ours.memory[at], other.memory[at]));
    }
    return found;
  }

  private static boolean isDestination(Instruction i, int register) {
    return i.form.operands.length > 0
        && i.operand(0).place() == Operand.Place.REG
        && i.reg == register;
  }

  private static void vectors(
      List<String> found, Instruction i, ProcessorState ours, ProcessorState silicon) {
    boolean approximate = Tolerance.approximatesSingles(i);
    for (int n = 0; n < 64; n++) {
      if (!approximate || !Tolerance.closeSingles(ours.vector[n], silicon.vector[n])) {
        compare(found, "YMM" + n / 4 + " lane " + n % 4, ours.vector[n], silicon.vector[n]);
      }
    }
    if (!Tolerance.mayHaveRaised(i, ours)) {
      compare(found, "MXCSR", ours.mxcsr, silicon.mxcsr);
    }
  }

  private static void x87(
      List<String> found, ProcessorState ours, ProcessorState silicon, boolean approximate) {
    int status = approximate ? ~X87_APPROXIMATE : -1;
    compare(found, "FCW", ours.controlWord, silicon.controlWord);
    compare(found, "FSW", ours.statusWord & status, silicon.statusWord & status);
    compare(found, "FTW", ours.abridgedTag, silicon.abridgedTag);
    compare(found, "FIP", ours.instructionPointer, silicon.instructionPointer);
    for (int n = 0; n < 8; n++) {
      if (approximate
          && Tolerance.closeExtended(
              ours.signExponent[n],
              ours.significand[n],
              silicon.signExponent[n],
              silicon.significand[n])) {
        continue;
      }
      compare(found, "ST" + n + " exponent", ours.signExponent[n], silicon.signExponent[n]);
      compare(found, "ST" + n, ours.significand[n], silicon.significand[n]);
    }
  }

  private static void compare(List<String> found, String what, long ours, long silicon) {
    if (ours != silicon) {
      found.add("%s: ours %x, silicon %x".formatted(what, ours, silicon));
    }
  }
}
