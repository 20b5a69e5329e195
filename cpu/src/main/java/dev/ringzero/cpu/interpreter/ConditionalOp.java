package dev.ringzero.cpu.interpreter;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.Flags;
import java.lang.invoke.MethodHandles;

/** Template: CMOVcc, and SETcc to a register. */
final class ConditionalOp extends Op {
  private static final Shape SHAPE = Specialized.shape(MethodHandles.lookup());
  private static final int CONDITION = SHAPE.condition();
  private static final int WIDTH = SHAPE.width();
  private static final boolean SETS = SHAPE.meaning().equals("SETCC");
  private static final boolean SEGMENTED = SHAPE.segmented();
  private static final boolean FROM_MEMORY = SHAPE.source() == Shape.Place.MEMORY;

  ConditionalOp(Site site) {
    super(site.offset(), site.instruction());
  }

  @Override
  void execute(Cpu cpu) {
    if (SETS) {
      Access.register(cpu, first, WIDTH, Flags.condition(cpu, CONDITION) ? 1 : 0);
      return;
    }
    long source =
        FROM_MEMORY ? Access.load(cpu, segment, linear(cpu, SEGMENTED), WIDTH) : cpu.gpr[second];
    long value = Flags.condition(cpu, CONDITION) ? source : cpu.gpr[first];
    Access.register(cpu, first, WIDTH, value);
  }
}
