package dev.ringzero.cpu.interpreter;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.integer.Binary;
import dev.ringzero.cpu.integer.IntegerSemantics;
import java.lang.invoke.MethodHandles;

/** Template: the first operand is read and written, or only read; the second is read. */
final class BinaryOp extends Op {
  private static final Shape SHAPE = Specialized.shape(MethodHandles.lookup());
  private static final Binary MEANING = IntegerSemantics.binary(SHAPE.meaning());
  private static final boolean WRITES = IntegerSemantics.writes(SHAPE.meaning());
  private static final int WIDTH = SHAPE.width();
  private static final boolean SEGMENTED = SHAPE.segmented();
  private static final boolean TO_MEMORY = SHAPE.destination() == Shape.Place.MEMORY;
  private static final boolean FROM_MEMORY = SHAPE.source() == Shape.Place.MEMORY;
  private static final boolean FROM_REGISTER = SHAPE.source() == Shape.Place.REGISTER;

  BinaryOp(Site site) {
    super(site.offset(), site.instruction(), Shape.immediate(site.instruction(), WIDTH));
  }

  @Override
  void execute(Cpu cpu) {
    long source =
        FROM_MEMORY
            ? Access.load(cpu, segment, linear(cpu, SEGMENTED), WIDTH)
            : FROM_REGISTER ? Access.register(cpu, second, WIDTH) : immediate;
    if (!TO_MEMORY) {
      long result = MEANING.apply(cpu, WIDTH, Access.register(cpu, first, WIDTH), source);
      if (WRITES) {
        Access.register(cpu, first, WIDTH, result);
      }
    } else if (WRITES) {
      Access.modify(cpu, segment, linear(cpu, SEGMENTED), WIDTH, MEANING, source);
    } else {
      long value = Access.load(cpu, segment, linear(cpu, SEGMENTED), WIDTH);
      MEANING.apply(cpu, WIDTH, value, source);
    }
  }
}
