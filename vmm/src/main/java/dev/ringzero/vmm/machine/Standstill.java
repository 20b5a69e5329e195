package dev.ringzero.vmm.machine;

import dev.ringzero.engine.Engine;

/**
 * Makes a machine stand still while there is a reason, and go on when none is left: it was paused,
 * once or several times, or it waits for room at the host, when its devices go on.
 */
final class Standstill {
  private final RunGate gate;
  private final HostClock clock;
  private final AgentPool agents;
  private final Engine engine;
  private final Runnable settle;
  private int pauses;
  private boolean waitsForRoom;

  /**
   * A machine that goes.
   *
   * @param settle makes devices end what they began; no agent steps then
   */
  Standstill(RunGate gate, HostClock clock, AgentPool agents, Engine engine, Runnable settle) {
    this.gate = gate;
    this.clock = clock;
    this.agents = agents;
    this.engine = engine;
    this.settle = settle;
  }

  /** Stops processors, clock and devices; returns when they stand still. */
  synchronized void pause() {
    if (pauses++ == 0) {
      gate.hold();
      agents.hold();
      settle.run();
      stopClock();
    }
  }

  /** Undoes one {@link #pause()}. */
  synchronized void resume() {
    if (--pauses == 0) {
      agents.release();
      if (!waitsForRoom) {
        go();
      }
    }
  }

  /** Stops processors and clock until there is room. Not for a vCPU's or an agent's own thread. */
  synchronized void waitForRoom(boolean wait) {
    if (waitsForRoom == wait) {
      return;
    }
    waitsForRoom = wait;
    if (pauses == 0 && wait) {
      gate.hold();
      stopClock();
    } else if (pauses == 0) {
      go();
    }
  }

  private void stopClock() {
    clock.pause();
    engine.pause();
  }

  private void go() {
    engine.resume();
    clock.resume();
    gate.open();
  }
}
