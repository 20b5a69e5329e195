package dev.ringzero.cpu;

import dev.ringzero.cpu.integer.IntegerSemantics;
import dev.ringzero.cpu.level.Intercepted;
import dev.ringzero.cpu.svm.SvmInstructions;
import dev.ringzero.cpu.system.SystemSemantics;
import dev.ringzero.cpu.vector.VectorSemantics;
import dev.ringzero.cpu.vmx.VmxSemantics;
import dev.ringzero.cpu.x87.X87Semantics;
import dev.ringzero.x86.instruction.Attribute;
import dev.ringzero.x86.instruction.InstructionForm;

/** Binds rows of the instruction table to their meaning, each at its first use. */
public final class SemanticsTable {
  private static final Semantics[] BY_FORM = new Semantics[8192];
  private static final Semantics UNDEFINED = SemanticsTable::undefined;

  private SemanticsTable() {}

  /** The meaning of a row; one that no unit implements raises #UD. */
  public static Semantics of(InstructionForm form) {
    Semantics semantics = BY_FORM[form.id];
    if (semantics == null) {
      semantics = bind(form);
      BY_FORM[form.id] = semantics;
    }
    return semantics;
  }

  /** Whether some unit implements a row. */
  public static boolean implemented(InstructionForm form) {
    return of(form) != UNDEFINED;
  }

  private static Semantics bind(InstructionForm form) {
    String meaning = form.meaning;
    // MMX forms share their names with the SSE2 ones, and their unit is the x87's.
    Semantics semantics = form.is(Attribute.MMX) ? X87Semantics.of(meaning) : null;
    if (semantics == null) {
      semantics = IntegerSemantics.of(meaning);
    }
    if (semantics == null) {
      semantics = SystemSemantics.of(meaning);
    }
    if (semantics == null) {
      semantics = SvmInstructions.of(meaning);
    }
    if (semantics == null) {
      semantics = VmxSemantics.of(meaning);
    }
    if (semantics == null) {
      semantics = VectorSemantics.of(form);
    }
    if (semantics == null) {
      semantics = X87Semantics.of(meaning);
    }
    return semantics != null ? Intercepted.of(meaning, semantics) : UNDEFINED;
  }

  private static void undefined(Cpu cpu, dev.ringzero.x86.instruction.Instruction instruction) {
    throw cpu.invalidOpcode();
  }
}
