package dev.ringzero.vmm.machine;

import dev.ringzero.engine.state.StateException;
import dev.ringzero.engine.state.StateReader;
import dev.ringzero.engine.state.StateWriter;
import dev.ringzero.engine.state.Stateful;
import java.util.List;

/**
 * The state of a paused machine without its RAM: clock, processors and what they wait for, and the
 * units of the board, in the board's order. A state holds no address of the host.
 */
final class MachineState {
  private static final int MAGIC = 0x5A52_5453; // "STRZ"
  private static final int VERSION = 1;

  private final HostClock clock;
  private final List<CpuRunner> runners;
  private final List<Stateful> units;

  MachineState(HostClock clock, List<CpuRunner> runners, List<Stateful> units) {
    this.clock = clock;
    this.runners = runners;
    this.units = units;
  }

  byte[] save() {
    StateWriter out = new StateWriter();
    out.writeInt(MAGIC);
    out.writeInt(VERSION);
    out.writeLong(clock.nanoTime());
    out.writeInt(runners.size());
    for (CpuRunner runner : runners) {
      out.writeUnit(runner);
      out.writeUnit(runner.cpu());
    }
    out.writeInt(units.size());
    units.forEach(out::writeUnit);
    return out.toByteArray();
  }

  /**
   * Restores what {@link #save()} gave.
   *
   * @throws StateException if it is damaged, or of another version or machine; the machine must
   *     then not run any more
   */
  void restore(byte[] saved) {
    try {
      restore(new StateReader(saved));
    } catch (IllegalArgumentException | IllegalStateException | IndexOutOfBoundsException e) {
      throw new StateException("the state has a value that no machine has: " + e.getMessage());
    }
  }

  private void restore(StateReader in) {
    expect(in.readInt(), MAGIC, "this is no saved state of a machine");
    expect(in.readInt(), VERSION, "the state was saved by another version");
    clock.restore(in.readLong());
    expect(in.readInt(), runners.size(), "the state has another number of processors");
    for (CpuRunner runner : runners) {
      in.readUnit(runner);
      in.readUnit(runner.cpu());
    }
    expect(in.readInt(), units.size(), "the state is of another board");
    units.forEach(in::readUnit);
  }

  private static void expect(int found, int wanted, String complaint) {
    if (found != wanted) {
      throw new StateException(complaint);
    }
  }
}
