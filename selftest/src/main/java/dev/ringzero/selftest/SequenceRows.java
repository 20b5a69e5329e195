package dev.ringzero.selftest;

import dev.ringzero.x86.instruction.Attribute;
import dev.ringzero.x86.instruction.InstructionForm;
import dev.ringzero.x86.instruction.Operand;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The rows of the instruction table of which sequences are made. */
final class SequenceRows {
  /** What depends on more than the state, has approximate results, or leaves the tested memory. */
  private static final Set<String> LEFT_OUT =
      Set.of(
          "RCPPS",
          "RCPSS",
          "RSQRTPS",
          "RSQRTSS",
          "VRCPPS",
          "VRCPSS",
          "VRSQRTPS",
          "VRSQRTSS",
          "FSIN",
          "FCOS",
          "FSINCOS",
          "FPTAN",
          "FPATAN",
          "F2XM1",
          "FYL2X",
          "FYL2XP1",
          "ENTER",
          "LEAVE",
          "FBSTP",
          "FRSTOR",
          "FNSAVE",
          "FLDENV",
          "FNSTENV",
          "BSF",
          "BSR",
          "CALL",
          "RET",
          "JMP",
          "JCC",
          "INT3",
          "INT1",
          "INT",
          "UD0",
          "UD1",
          "UD2",
          "XBEGIN",
          "LOOP",
          "LOOPE",
          "LOOPNE",
          "JRCXZ",
          "SHLD",
          "SHRD",
          "LDMXCSR",
          "VLDMXCSR",
          "RDPID",
          "XGETBV");

  /** Left out only where the host's processor is to run it. */
  private static final Set<String> ONLY_OURS =
      Set.of("ENTER", "LEAVE", "FRSTOR", "FNSAVE", "FLDENV", "FNSTENV", "RDPID", "XGETBV");

  /** What 32-bit code has besides, but reads descriptors, or what Linux alone knows. */
  private static final Set<String> FAR =
      Set.of(
          "LDS", "LES", "CALL_FAR", "JMP_FAR", "RET_FAR", "INTO", "PUSH_SREG", "POP_SREG", "IRET");

  private static final List<Template> WIDE = templates(64);
  private static final List<Template> NARROW = templates(32);

  private SequenceRows() {}

  /** General, vector, x87 and MMX, and string instructions. */
  static List<List<Template>> byKind(int codeSize, boolean onlyOurs) {
    List<List<Template>> kinds = new ArrayList<>();
    for (int kind = 0; kind < 4; kind++) {
      kinds.add(new ArrayList<>());
    }
    for (Template template : codeSize == 64 ? WIDE : NARROW) {
      if (isWanted(template.form, codeSize, onlyOurs)) {
        kinds.get(kind(template.form)).add(template);
      }
    }
    return kinds;
  }

  private static List<Template> templates(int codeSize) {
    return SiliconSelftest.rows(codeSize).stream()
        .map(Template::new)
        .filter(template -> codeSize == 64 || !template.rexW)
        .toList();
  }

  private static boolean isWanted(InstructionForm form, int codeSize, boolean onlyOurs) {
    if (codeSize == 32 && FAR.contains(form.meaning)) {
      return false;
    }
    boolean leftOut =
        LEFT_OUT.contains(form.meaning) || Images.isImage(form) || vectorIndexed(form);
    return !leftOut
        || onlyOurs
            && (ONLY_OURS.contains(form.meaning) || Images.isImage(form) || vectorIndexed(form));
  }

  private static int kind(InstructionForm form) {
    if (form.is(Attribute.STRING)) {
      return 3;
    }
    if (form.is(Attribute.X87 | Attribute.MMX)) {
      return 2;
    }
    return form.is(Attribute.SSE | Attribute.AVX) ? 1 : 0;
  }

  private static boolean vectorIndexed(InstructionForm form) {
    for (Operand operand : form.operands) {
      if (operand.place() == Operand.Place.VSIB) {
        return true;
      }
    }
    return false;
  }
}
