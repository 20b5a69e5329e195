package dev.ringzero.cpu.system;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.Flags;
import dev.ringzero.cpu.system.Events.Kind;
import dev.ringzero.x86.Rflags;
import dev.ringzero.x86.Vector;

/**
 * Delivery through the interrupt vector table of real-address mode.
 *
 * @spec Intel SDM Vol. 3B, "Real-Address Mode Interrupt and Exception Handling"
 */
final class RealModeEvents {
  private static final long CLEARED = Rflags.IF | Rflags.TF | Rflags.AC | Rflags.RF;

  private RealModeEvents() {}

  static void deliver(Cpu cpu, int vector, Kind kind) {
    int at = 4 * vector;
    if (at + 3 > cpu.system.idtrLimit) {
      throw cpu.fault(Vector.GP);
    }
    enter(cpu, cpu.system.idtrBase + at, Flags.read(cpu), kind);
    cpu.systemFlags &= ~CLEARED;
  }

  /** Pushes flags, CS and IP on a 16-bit stack and goes where the table's entry points to. */
  static void enter(Cpu cpu, long entry, long savedFlags, Kind kind) {
    long pointer = cpu.mmu.readSupervisor(entry & 0xFFFF_FFFFL, 4);
    StackCursor stack = StackCursor.current(cpu, 0);
    stack.push(2, savedFlags);
    stack.push(2, cpu.selector[Cpu.CS]);
    stack.push(2, Events.savedRip(cpu, kind));
    stack.commitPointer();
    SegmentRegisters.loadParagraph(cpu, Cpu.CS, (int) (pointer >>> 16));
    Modes.codeSegmentChanged(cpu);
    Events.enter(cpu, pointer & 0xFFFF);
  }
}
