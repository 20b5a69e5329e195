package dev.ringzero.cpu.interpreter;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.x86.Width;
import java.lang.invoke.MethodHandles;

/** Template: MOV, MOVZX and MOVSX between registers, memory and immediates. */
final class MoveOp extends Op {
  private static final Shape SHAPE = Specialized.shape(MethodHandles.lookup());
  private static final int WIDTH = SHAPE.width();
  private static final int SOURCE_WIDTH = SHAPE.sourceWidth();
  private static final boolean SIGNED = SHAPE.meaning().startsWith("MOVSX");
  private static final boolean SEGMENTED = SHAPE.segmented();
  private static final boolean TO_MEMORY = SHAPE.destination() == Shape.Place.MEMORY;
  private static final boolean FROM_MEMORY = SHAPE.source() == Shape.Place.MEMORY;
  private static final boolean FROM_REGISTER = SHAPE.source() == Shape.Place.REGISTER;

  MoveOp(Site site) {
    super(site.offset(), site.instruction());
  }

  @Override
  void execute(Cpu cpu) {
    long value =
        FROM_MEMORY
            ? Access.load(cpu, segment, linear(cpu, SEGMENTED), SOURCE_WIDTH)
            : FROM_REGISTER ? Access.register(cpu, second, SOURCE_WIDTH) : immediate;
    if (SIGNED) {
      value = Width.signExtend(SOURCE_WIDTH, value);
    }
    if (TO_MEMORY) {
      Access.store(cpu, segment, linear(cpu, SEGMENTED), WIDTH, value);
    } else {
      Access.register(cpu, first, WIDTH, value);
    }
  }
}
