package dev.ringzero.selftest;

import dev.ringzero.x86.instruction.InstructionForm;

/**
 * What testing one row of the instruction table gave.
 *
 * @param form the row
 * @param compared states on which both processors ran
 * @param different states on which they differed
 * @param first the first difference with all that is needed to see it again, or null
 */
public record RowResult(InstructionForm form, int compared, int different, String first) {
  public boolean passed() {
    return different == 0;
  }
}
