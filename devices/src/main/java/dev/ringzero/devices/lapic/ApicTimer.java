package dev.ringzero.devices.lapic;

import dev.ringzero.engine.Clock;
import dev.ringzero.engine.state.StateException;
import dev.ringzero.engine.state.StateReader;
import dev.ringzero.engine.state.StateWriter;

/**
 * The timer of a local APIC. It counts down at {@link LocalApic#TIMER_HERTZ} through a divider, or
 * waits for the time-stamp counter to reach a deadline. All methods are called under the APIC's
 * lock.
 *
 * @spec Intel SDM Vol. 3A, "APIC Timer"
 */
final class ApicTimer {
  /** Modes, as in LVT timer bits 18:17. */
  static final int ONE_SHOT = 0, PERIODIC = 1, TSC_DEADLINE = 2;

  /** A shorter period fires no more often than this, so that a guest cannot flood the host. */
  private static final long MINIMUM_PERIOD_NANOS = 100_000;

  private final Clock clock;
  private final Runnable onAlarm;

  private int mode;
  private int divideConfiguration;
  private long initialCount;
  private long tscDeadline;
  private long tscOffset;

  /** When the count reaches zero, in nanoseconds of the clock; meaningless while not armed. */
  private long expiryNanos;

  private boolean armed;

  /**
   * The alarm that waits, or null. It may be due before {@link #expiryNanos}, or with nothing
   * armed: a guest that moves its deadline ahead over and over costs no alarm each time.
   */
  private Clock.Alarm alarm;

  private long alarmNanos;

  ApicTimer(Clock clock, Runnable onAlarm) {
    this.clock = clock;
    this.onAlarm = onAlarm;
  }

  void reset() {
    disarm();
    mode = ONE_SHOT;
    divideConfiguration = 0;
    initialCount = 0;
    tscDeadline = 0;
  }

  /** Takes LVT bits 18:17; the reserved value counts as one-shot. */
  void mode(int bits) {
    int newMode = bits > TSC_DEADLINE ? ONE_SHOT : bits;
    if ((newMode == TSC_DEADLINE) != (mode == TSC_DEADLINE)) {
      disarm();
      initialCount = 0;
      tscDeadline = 0;
    }
    mode = newMode;
  }

  int divideConfiguration() {
    return divideConfiguration;
  }

  void divideConfiguration(int value) {
    long remaining = currentCount();
    divideConfiguration = value & 0b1011;
    if (armed && mode != TSC_DEADLINE) {
      arm(clock.nanoTime() + remaining * divisor());
    }
  }

  private long divisor() {
    int code = (divideConfiguration & 3) | (divideConfiguration >>> 1 & 4);
    return 1L << (code + 1 & 7);
  }

  long initialCount() {
    return initialCount;
  }

  void initialCount(long count) {
    if (mode == TSC_DEADLINE) {
      return;
    }
    disarm();
    initialCount = count;
    if (count != 0) {
      arm(clock.nanoTime() + count * divisor());
    }
  }

  long currentCount() {
    if (!armed || mode == TSC_DEADLINE) {
      return 0;
    }
    long remaining = expiryNanos - clock.nanoTime();
    if (remaining > 0) {
      return Math.min(initialCount, (remaining + divisor() - 1) / divisor());
    }
    if (mode == ONE_SHOT) {
      return 0;
    }
    long period = initialCount * divisor();
    return (period - Math.floorMod(-remaining, period) + divisor() - 1) / divisor();
  }

  /** The deadline that waits, or 0. */
  long tscDeadline() {
    return mode == TSC_DEADLINE && armed ? tscDeadline : 0;
  }

  void tscDeadline(long deadline) {
    if (mode != TSC_DEADLINE) {
      return;
    }
    disarm();
    tscDeadline = deadline;
    if (deadline != 0) {
      arm(nanosOfDeadline());
    }
  }

  /** What the guest's time-stamp counter is ahead of the clock's. */
  void tscOffset(long offset) {
    tscOffset = offset;
    if (armed && mode == TSC_DEADLINE) {
      arm(nanosOfDeadline());
    }
  }

  private long nanosOfDeadline() {
    long ticks = tscDeadline - (clock.tsc() + tscOffset);
    long now = clock.nanoTime();
    if (ticks <= 0) {
      return now;
    }
    double nanos = Math.ceil(ticks * 1e9 / clock.tscHertz());
    return nanos > 1e18 ? Long.MAX_VALUE : now + (long) nanos;
  }

  private void arm(long atNanos) {
    armed = true;
    expiryNanos = atNanos;
    schedule(atNanos);
  }

  private void schedule(long atNanos) {
    if (atNanos == Long.MAX_VALUE || alarm != null && alarmNanos <= atNanos) {
      return;
    }
    if (alarm != null) {
      alarm.cancel();
    }
    alarmNanos = atNanos;
    alarm = clock.schedule(atNanos, onAlarm);
  }

  private void disarm() {
    armed = false;
  }

  /** Follows an alarm; says whether the timer's interrupt is due. */
  boolean alarmCame() {
    alarm = null;
    return expire();
  }

  /** Looks at the clock; says whether the timer's interrupt is due. */
  boolean expire() {
    if (!armed) {
      return false;
    }
    if (mode == TSC_DEADLINE) {
      return expireDeadline();
    }
    long late = clock.nanoTime() - expiryNanos;
    if (late < 0) {
      schedule(expiryNanos);
      return false;
    }
    if (mode == ONE_SHOT) {
      disarm();
    } else {
      long period = initialCount * divisor();
      expiryNanos += (late / period + 1) * period;
      schedule(Math.max(expiryNanos, clock.nanoTime() + MINIMUM_PERIOD_NANOS));
    }
    return true;
  }

  private boolean expireDeadline() {
    if (clock.tsc() + tscOffset - tscDeadline < 0) {
      arm(nanosOfDeadline());
      return false;
    }
    disarm();
    tscDeadline = 0;
    return true;
  }

  void save(StateWriter out) {
    out.writeInt(mode);
    out.writeInt(divideConfiguration);
    out.writeLong(initialCount);
    out.writeLong(tscDeadline);
    out.writeLong(tscOffset);
    out.writeBoolean(armed);
    out.writeLong(armed ? expiryNanos : 0);
  }

  void restore(StateReader in) {
    disarm();
    mode = in.readInt();
    if (mode < ONE_SHOT || mode > TSC_DEADLINE) {
      throw new StateException("no such APIC timer mode");
    }
    divideConfiguration = in.readInt() & 0b1011;
    initialCount = in.readLong() & 0xFFFF_FFFFL;
    tscDeadline = in.readLong();
    tscOffset = in.readLong();
    boolean wasArmed = in.readBoolean();
    long expiry = in.readLong();
    if (wasArmed) {
      arm(expiry);
    }
  }
}
