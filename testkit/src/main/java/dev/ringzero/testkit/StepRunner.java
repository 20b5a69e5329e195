package dev.ringzero.testkit;

import dev.ringzero.engine.Agent;
import dev.ringzero.engine.AgentRunner;
import java.util.LinkedHashSet;
import java.util.Set;

/** Steps agents when the test says so, on its thread. */
public final class StepRunner implements AgentRunner {
  private static final int MOST_STEPS = 100_000;

  private final Set<Agent> woken = new LinkedHashSet<>();

  @Override
  public Waker add(String name, Agent agent) {
    return () -> woken.add(agent);
  }

  public boolean isIdle() {
    return woken.isEmpty();
  }

  /** Steps agents until all sleep. */
  public void run() {
    for (int steps = 0; !woken.isEmpty(); steps++) {
      if (steps == MOST_STEPS) {
        throw new AssertionError("agents that never sleep");
      }
      Agent next = woken.iterator().next();
      woken.remove(next);
      if (next.step()) {
        woken.add(next);
      }
    }
  }
}
