package dev.ringzero.cpu.interpreter;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.integer.Binary;
import dev.ringzero.cpu.integer.IntegerSemantics;
import dev.ringzero.cpu.integer.Unary;
import java.lang.invoke.MethodHandles;

/** Template: the only operand is read and written. */
final class UnaryOp extends Op {
  private static final Shape SHAPE = Specialized.shape(MethodHandles.lookup());
  private static final Unary MEANING = IntegerSemantics.unary(SHAPE.meaning());
  private static final Binary AS_BINARY =
      (cpu, width, value, source) -> MEANING.apply(cpu, width, value);
  private static final int WIDTH = SHAPE.width();
  private static final boolean SEGMENTED = SHAPE.segmented();
  private static final boolean IN_MEMORY = SHAPE.destination() == Shape.Place.MEMORY;

  UnaryOp(Site site) {
    super(site.offset(), site.instruction());
  }

  @Override
  void execute(Cpu cpu) {
    if (IN_MEMORY) {
      Access.modify(cpu, segment, linear(cpu, SEGMENTED), WIDTH, AS_BINARY, 0);
    } else {
      long value = Access.register(cpu, first, WIDTH);
      Access.register(cpu, first, WIDTH, MEANING.apply(cpu, WIDTH, value));
    }
  }
}
