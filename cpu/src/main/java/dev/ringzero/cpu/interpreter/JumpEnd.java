package dev.ringzero.cpu.interpreter;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.Flags;
import java.lang.invoke.MethodHandles;

/** Template: direct JMP and CALL, and Jcc. */
final class JumpEnd extends BranchEnd {
  private static final Shape SHAPE = Specialized.shape(MethodHandles.lookup());
  private static final int CONDITION = SHAPE.condition();
  private static final boolean CALLS = SHAPE.meaning().equals("CALL");

  JumpEnd(Site site) {
    super(site);
  }

  @Override
  Block execute(Cpu cpu) {
    if (CALLS) {
      Access.push(cpu, cpu.gpr[Cpu.CODE_BASE] + nextOffset);
    }
    return CONDITION < 0 || Flags.condition(cpu, CONDITION) ? taken(cpu) : next(cpu);
  }
}
