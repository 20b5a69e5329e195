package dev.ringzero.cpu.interpreter;

import dev.ringzero.cpu.Cpu;
import java.lang.invoke.MethodHandles;

/** Template: PUSH of a register or immediate and POP of a register, 64 bits wide. */
final class StackOp extends Op {
  private static final Shape SHAPE = Specialized.shape(MethodHandles.lookup());
  private static final boolean PUSHES = SHAPE.meaning().equals("PUSH");
  private static final boolean IMMEDIATE = SHAPE.destination() == Shape.Place.IMMEDIATE;

  StackOp(Site site) {
    super(site.offset(), site.instruction());
  }

  @Override
  void execute(Cpu cpu) {
    if (PUSHES) {
      Access.push(cpu, IMMEDIATE ? immediate : cpu.gpr[first]);
    } else {
      long pointer = cpu.gpr[Cpu.RSP];
      long value = Access.load(cpu, Cpu.SS, pointer, 64);
      cpu.gpr[Cpu.RSP] = pointer + 8;
      cpu.gpr[first] = value;
    }
  }
}
