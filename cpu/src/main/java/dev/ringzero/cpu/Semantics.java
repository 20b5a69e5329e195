package dev.ringzero.cpu;

import dev.ringzero.x86.instruction.Instruction;

/**
 * What an instruction does. One static method each, in the package of its unit ({@code integer},
 * {@code system}, {@code vector}, {@code x87}). When it runs, {@link Cpu#rip} is still the address
 * of the instruction and {@link Cpu#nextRip} that of the following one; a branch changes {@code
 * nextRip}. Order: read, compute, write, flags. A fault or exit thrown before the first write
 * leaves the state untouched, so that the instruction can start again.
 */
@FunctionalInterface
public interface Semantics {
  void execute(Cpu cpu, Instruction instruction);
}
