package dev.ringzero.cpu.translator;

import dev.ringzero.x86.instruction.InstructionForm;

/** Whether rows of the instruction table have a ModRM byte, by their notation. */
final class ModrmForms {
  private static final byte[] KNOWN = new byte[8192];

  private ModrmForms() {}

  static boolean has(InstructionForm form) {
    byte known = KNOWN[form.id];
    if (known == 0) {
      known = (byte) (form.encoding.indexOf('/') >= 0 || fixedModrm(form.encoding) ? 1 : 2);
      KNOWN[form.id] = known;
    }
    return known == 1;
  }

  /** Rows such as "0F 01 D0" or "D9 E8", whose last byte is a ModRM byte. */
  private static boolean fixedModrm(String encoding) {
    return encoding.contains("0F 01 ")
        || encoding.contains("0F AE ")
        || encoding.matches(".*D[8-F] .*");
  }
}
