package dev.ringzero.devices.igb;

import dev.ringzero.engine.Clock;

/**
 * The clock for time stamps: every period of 16 ns adds a value that the driver chooses.
 *
 * <p>Not modelled: time stamps of packets, adjustments of a single time.
 *
 * @spec Intel 82576EB Gigabit Ethernet Controller Datasheet, "Time SYNC (IEEE1588 and 802.1AS)"
 */
final class SystemTime {
  private static final int PERIOD_NANOS = 16;
  private static final int VALUE = 0x00FF_FFFF; // TIMINCA
  private static final int PERIODS_SHIFT = 24; // TIMINCA

  private final RegisterFile registers;
  private final Clock clock;

  SystemTime(RegisterFile registers, Clock clock) {
    this.registers = registers;
    this.clock = clock;
  }

  /** Reads the lower half, and keeps the upper one for the next read. */
  int low() {
    long now = start() + passed();
    registers.set(Register.LATCHED_TIME, (int) (now >>> 32));
    return (int) now;
  }

  int high() {
    return registers.get(Register.LATCHED_TIME);
  }

  private long start() {
    return registers.get(Register.SYSTIML) & 0xFFFF_FFFFL
        | (long) registers.get(Register.SYSTIMH) << 32;
  }

  private long passed() {
    int increment = registers.get(Register.TIMINCA);
    int periods = Math.max(1, increment >>> PERIODS_SHIFT);
    return clock.nanoTime() / PERIOD_NANOS / periods * (increment & VALUE);
  }

  /** Sets one of the registers; the time goes on from what the two halves then say. */
  void write(int register, int value) {
    if (register == Register.TIMINCA) {
      long now = start() + passed();
      registers.set(Register.TIMINCA, value);
      startAt(now);
      return;
    }
    long now = start() + passed();
    startAt(
        register == Register.SYSTIML
            ? now & ~0xFFFF_FFFFL | value & 0xFFFF_FFFFL
            : now & 0xFFFF_FFFFL | (long) value << 32);
  }

  private void startAt(long now) {
    long start = now - passed();
    registers.set(Register.SYSTIML, (int) start);
    registers.set(Register.SYSTIMH, (int) (start >>> 32));
  }
}
