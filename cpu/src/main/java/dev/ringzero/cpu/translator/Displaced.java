package dev.ringzero.cpu.translator;

import static dev.ringzero.cpu.translator.Assembler.R12;
import static dev.ringzero.cpu.translator.Assembler.RSP;

/** Where guest registers live while translated code runs. */
final class Displaced {
  private static final int FIRST_IN_MEMORY = 8;
  private static final int BEHIND_THEM = 12;

  private Displaced() {}

  /** Whether a guest register has no host register: it stays in the state block. */
  static boolean inMemory(int guest) {
    return guest >= FIRST_IN_MEMORY && guest < BEHIND_THEM;
  }

  /** Host register of a guest register that has one. */
  static int host(int guest) {
    if (guest >= BEHIND_THEM) {
      return guest - BEHIND_THEM + FIRST_IN_MEMORY;
    }
    return guest == RSP ? R12 : guest;
  }

  static int slot(int guest) {
    return StateBlock.GPR + 8 * guest;
  }
}
