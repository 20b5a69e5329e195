package dev.ringzero.engine;

/** Steps agents: a pool of threads in a machine, a call in a test. */
@FunctionalInterface
public interface AgentRunner {
  /** Takes an agent over, which sleeps until it is woken. */
  Waker add(String name, Agent agent);

  /** Wakes an agent. */
  @FunctionalInterface
  interface Waker {
    /** Lets the agent step at least once from now on. Any thread; neither blocks nor throws. */
    void wake();
  }
}
