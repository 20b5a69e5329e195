package dev.ringzero.cpu.interpreter;

import dev.ringzero.engine.TranslatedBlock;
import dev.ringzero.engine.TranslationStatistics;
import dev.ringzero.x86.instruction.Instruction;
import java.util.List;
import java.util.Optional;

/** A way to run guest instructions on a {@link dev.ringzero.cpu.Cpu}. */
public interface Executor {
  /**
   * Runs instructions from {@link dev.ringzero.cpu.Cpu#rip} until attention is raised or one of
   * them may have changed how events are taken.
   *
   * @throws dev.ringzero.cpu.ExitSignal at a VM exit; the state is that before the instruction
   * @throws dev.ringzero.cpu.GuestFault if an exception of the guest is to be delivered; the state
   *     is that before the instruction
   */
  void run();

  /**
   * Runs one instruction, or a part of it if it is a repeated string instruction.
   *
   * @throws dev.ringzero.cpu.ExitSignal as {@link #run}
   * @throws dev.ringzero.cpu.GuestFault as {@link #run}
   */
  void step();

  /**
   * The instruction that {@link #step} would run; null where the bytes are none.
   *
   * @throws dev.ringzero.cpu.GuestFault if nothing can be executed there
   */
  Instruction peek();

  /** Instructions that were interpreted so far. */
  long interpreted();

  /** Instructions run so far; -1 where not all are counted. */
  long instructions();

  /** Blocks decoded so far. */
  long blocksDecoded();

  /** What was translated to host code; empty where nothing ever is. */
  default Optional<TranslationStatistics> translationStatistics() {
    return Optional.empty();
  }

  /** Gives back, soon, what is kept to be faster. Any thread. */
  default void trim() {}

  /** Translations that hold the instruction at a linear address, see VirtualCpu. */
  default List<TranslatedBlock> translations(long gva) {
    return List.of();
  }
}
