package dev.ringzero.cpu.interpreter;

import dev.ringzero.x86.instruction.Instruction;

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

  /** Instructions that were interpreted so far; those of translated code are not counted. */
  long interpreted();

  /** Whether nothing runs but what is interpreted. */
  boolean interpretsAll();

  /** Blocks decoded so far. */
  long blocksDecoded();
}
