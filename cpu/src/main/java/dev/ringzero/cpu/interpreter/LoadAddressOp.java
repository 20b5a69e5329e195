package dev.ringzero.cpu.interpreter;

import dev.ringzero.cpu.Cpu;
import java.lang.invoke.MethodHandles;

/** Template: LEA. */
final class LoadAddressOp extends Op {
  private static final int WIDTH = Specialized.shape(MethodHandles.lookup()).width();

  LoadAddressOp(Site site) {
    super(site.offset(), site.instruction());
  }

  @Override
  void execute(Cpu cpu) {
    Access.register(cpu, first, WIDTH, address(cpu));
  }
}
