package dev.ringzero.cpu.interpreter;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.Flags;
import dev.ringzero.cpu.integer.Binary;
import dev.ringzero.cpu.integer.IntegerSemantics;
import java.lang.invoke.MethodHandles;

/** Template: an instruction that sets flags, and the Jcc behind it, as one. */
final class CompareEnd extends BranchEnd {
  private static final Shape SHAPE = Specialized.shape(MethodHandles.lookup());
  private static final Binary MEANING = IntegerSemantics.binaryOrUnary(SHAPE.meaning());
  private static final boolean WRITES = IntegerSemantics.writes(SHAPE.meaning());
  private static final int CONDITION = SHAPE.condition();
  private static final int WIDTH = SHAPE.width();
  private static final boolean SEGMENTED = SHAPE.segmented();
  private static final boolean TO_MEMORY = SHAPE.destination() == Shape.Place.MEMORY;
  private static final boolean FROM_MEMORY = SHAPE.source() == Shape.Place.MEMORY;
  private static final boolean FROM_REGISTER = SHAPE.source() == Shape.Place.REGISTER;

  CompareEnd(Site site) {
    super(site, Shape.immediate(site.instruction(), WIDTH));
  }

  @Override
  Block execute(Cpu cpu) {
    long source =
        FROM_MEMORY
            ? Access.load(cpu, segment, linear(cpu, SEGMENTED), WIDTH)
            : FROM_REGISTER ? Access.register(cpu, second, WIDTH) : immediate;
    long value =
        TO_MEMORY
            ? Access.load(cpu, segment, linear(cpu, SEGMENTED), WIDTH)
            : Access.register(cpu, first, WIDTH);
    long result = MEANING.apply(cpu, WIDTH, value, source);
    if (WRITES) {
      Access.register(cpu, first, WIDTH, result);
    }
    return Flags.condition(cpu, CONDITION) ? taken(cpu) : next(cpu);
  }

  @Override
  int instructions() {
    return 2;
  }
}
