package dev.ringzero.cpu.interpreter;

import dev.ringzero.cpu.Cpu;
import java.lang.invoke.MethodHandles;

/** Template: RET, and JMP and CALL to an address in a register or memory. */
final class IndirectEnd extends BlockEnd {
  private static final Shape SHAPE = Specialized.shape(MethodHandles.lookup());
  private static final boolean RETURNS = SHAPE.meaning().equals("RET");
  private static final boolean CALLS = SHAPE.meaning().equals("CALL");
  private static final boolean SEGMENTED = SHAPE.segmented();
  private static final boolean FROM_MEMORY = SHAPE.destination() == Shape.Place.MEMORY;

  private final int nextOffset;

  IndirectEnd(Site site) {
    super(site.offset(), site.instruction(), site.instruction().immediate);
    nextOffset = site.nextOffset();
  }

  @Override
  Block execute(Cpu cpu) {
    long target = target(cpu);
    Access.checkTarget(cpu, target);
    if (RETURNS) {
      cpu.gpr[Cpu.RSP] += 8 + (immediate & 0xFFFF);
    } else if (CALLS) {
      Access.push(cpu, cpu.gpr[Cpu.CODE_BASE] + nextOffset);
    }
    cpu.rip = target;
    return null;
  }

  private long target(Cpu cpu) {
    if (RETURNS) {
      return Access.load(cpu, Cpu.SS, cpu.gpr[Cpu.RSP], 64);
    }
    return FROM_MEMORY ? Access.load(cpu, segment, linear(cpu, SEGMENTED), 64) : cpu.gpr[first];
  }
}
