package dev.ringzero.engine;

import dev.ringzero.engine.state.Stateful;
import dev.ringzero.memory.IoBus;
import java.util.List;

/** What runs guest code: our own CPU, or the host's through KVM. */
public interface Engine extends AutoCloseable {
  /** "software" or "kvm". */
  String name();

  /**
   * Makes a vCPU.
   *
   * @param id from 0
   * @param interrupts where it gets interrupts from
   * @param io the buses as this processor sees them: its own local APIC lies over the shared
   *     devices
   */
  VirtualCpu createCpu(int id, InterruptSource interrupts, IoBus io);

  /** The machine stands still from now on: no vCPU is running. */
  default void pause() {}

  /** The machine goes on, or begins. */
  default void resume() {}

  /** What the engine has of state besides its vCPUs. */
  default List<Stateful> units() {
    return List.of();
  }

  @Override
  void close();
}
