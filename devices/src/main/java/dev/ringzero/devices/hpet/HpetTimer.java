package dev.ringzero.devices.hpet;

import static dev.ringzero.devices.hpet.HpetRegister.*;

import dev.ringzero.engine.Clock;
import dev.ringzero.engine.InterruptLine;
import dev.ringzero.engine.state.StateReader;
import dev.ringzero.engine.state.StateWriter;

/** One comparator of an HPET. Called under the lock of its {@link Hpet}. */
final class HpetTimer {
  /** Nothing will ever match. */
  static final long NEVER = -1;

  private static final long WRITABLE =
      INT_TYPE_CNF
          | INT_ENB_CNF
          | TYPE_CNF
          | VAL_SET_CNF
          | MODE_32_CNF
          | INT_ROUTE_CNF
          | FSB_EN_CNF;
  private static final long LOW_HALF = 0xFFFF_FFFFL;

  private final InterruptLine[] routes;
  private long configuration;
  private long comparator;
  private long period;
  private long fsbRoute;
  private boolean asserted;

  /** What fires when the comparator matches; the owner's. */
  Clock.Alarm alarm;

  /** When that is, in nanoseconds of the clock, or {@link #NEVER}. */
  long alarmAt = NEVER;

  /**
   * @param routes wires of the I/O APIC by pin; null where the timer cannot go
   */
  HpetTimer(InterruptLine[] routes) {
    this.routes = routes;
  }

  private long capabilities() {
    long pins = 0;
    for (int pin = 0; pin < routes.length; pin++) {
      if (routes[pin] != null) {
        pins |= 1L << pin;
      }
    }
    return pins << 32 | PER_INT_CAP | SIZE_CAP | FSB_INT_DEL_CAP;
  }

  long read(int register) {
    return switch (register) {
      case TIMER_CONF -> configuration & ~VAL_SET_CNF | capabilities();
      case TIMER_COMPARATOR -> comparator;
      case TIMER_FSB -> fsbRoute;
      default -> 0;
    };
  }

  void write(int register, long value, long mask) {
    switch (register) {
      case TIMER_CONF -> configure(configuration & ~mask | value & mask);
      case TIMER_COMPARATOR -> compareWith(value, mask);
      case TIMER_FSB -> fsbRoute = fsbRoute & ~mask | value & mask;
      default -> {}
    }
  }

  private void configure(long value) {
    drive(false);
    configuration = value & WRITABLE;
    if (is32Bit()) {
      comparator &= LOW_HALF;
      period &= LOW_HALF;
    }
  }

  private void compareWith(long value, long mask) {
    long limit = is32Bit() ? LOW_HALF : -1;
    boolean sets = (configuration & VAL_SET_CNF) != 0;
    if (!isPeriodic() || sets) {
      comparator = (comparator & ~mask | value & mask) & limit;
    }
    if (isPeriodic() && !sets) {
      period = (period & ~mask | value & mask) & limit;
    }
    configuration &= ~VAL_SET_CNF;
  }

  boolean isPeriodic() {
    return (configuration & TYPE_CNF) != 0;
  }

  boolean isEnabled() {
    return (configuration & INT_ENB_CNF) != 0;
  }

  boolean isLevelTriggered() {
    return (configuration & INT_TYPE_CNF) != 0;
  }

  boolean usesMessages() {
    return (configuration & FSB_EN_CNF) != 0;
  }

  long messageAddress() {
    return fsbRoute >>> 32;
  }

  int messageData() {
    return (int) fsbRoute;
  }

  private boolean is32Bit() {
    return (configuration & MODE_32_CNF) != 0;
  }

  /** Ticks from this value of the main counter to the next match, at least 1. */
  long ticksToMatch(long counter) {
    if (is32Bit()) {
      long ticks = comparator - counter & LOW_HALF;
      return ticks == 0 ? LOW_HALF + 1 : ticks;
    }
    long ticks = comparator - counter;
    return ticks > 0 ? ticks : NEVER;
  }

  /** Moves a periodic comparator to its next match after this value of the main counter. */
  void advance(long counter) {
    if (isPeriodic() && period != 0) {
      long late = is32Bit() ? counter - comparator & LOW_HALF : counter - comparator;
      if (late >= 0) {
        comparator += (late / period + 1) * period;
      }
      if (is32Bit()) {
        comparator &= LOW_HALF;
      }
    }
  }

  void drive(boolean level) {
    InterruptLine route = routes[(int) (configuration >>> INT_ROUTE_SHIFT) & 0x1F];
    if (route != null && level != asserted) {
      route.set(level);
    }
    asserted = level;
  }

  void save(StateWriter out) {
    out.writeLongs(new long[] {configuration, comparator, period, fsbRoute});
    out.writeBoolean(asserted);
  }

  void restore(StateReader in) {
    long[] values = new long[4];
    in.readLongs(values);
    configuration = values[0] & WRITABLE;
    comparator = values[1];
    period = values[2];
    fsbRoute = values[3];
    asserted = in.readBoolean();
  }
}
