package dev.ringzero.cpu.level;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.Semantics;
import dev.ringzero.x86.instruction.Attribute;
import dev.ringzero.x86.instruction.Instruction;

/**
 * The meaning of an instruction that monitors may keep from their guests: an inner guest's monitor
 * is asked first. Outside inner guests this costs one look at a field. Some are not there at all.
 */
public final class Intercepted implements Semantics {
  private final Intercept what;
  private final Semantics semantics;

  private Intercepted(Intercept what, Semantics semantics) {
    this.what = what;
    this.semantics = semantics;
  }

  /** A meaning whose guests' monitors are asked, where the name is that of such an instruction. */
  public static Semantics of(String meaning, Semantics semantics) {
    Intercept what = Intercept.of(meaning);
    return what == null ? semantics : new Intercepted(what, semantics);
  }

  @Override
  public void execute(Cpu cpu, Instruction i) {
    if (!cpu.absent.isEmpty() && cpu.absent.contains(what)) {
      throw cpu.invalidOpcode();
    }
    Level level = cpu.level;
    if (level == null || !level.offered(i) || !level.instruction(what, i)) {
      semantics.execute(cpu, i);
    }
  }

  /** Whether privilege allows the instruction: else its fault comes first. */
  static boolean privileged(Cpu cpu, Instruction i) {
    return cpu.cpl == 0 || !i.form.is(Attribute.PRIVILEGED);
  }
}
