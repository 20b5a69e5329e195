package dev.ringzero.engine;

/**
 * Work of a device that is done outside the vCPUs. It does not know its thread: an {@link
 * AgentRunner} steps it, never on two threads at once.
 */
@FunctionalInterface
public interface Agent {
  /**
   * Does a bounded piece of the work that there is. It may wait for a file of the host.
   *
   * @return whether there may be more to do at once
   */
  boolean step();
}
