package dev.ringzero.devices.hpet;

import static dev.ringzero.devices.hpet.HpetRegister.*;

import dev.ringzero.engine.Clock;
import dev.ringzero.engine.InterruptLine;
import dev.ringzero.engine.MsiTarget;
import dev.ringzero.engine.state.StateException;
import dev.ringzero.engine.state.StateReader;
import dev.ringzero.engine.state.StateWriter;
import dev.ringzero.engine.state.Stateful;
import dev.ringzero.memory.MmioDevice;

/**
 * The high-precision event timer: a 64-bit counter at 100 MHz and three comparators, which
 * interrupt by I/O APIC pin or by message.
 *
 * <p>Not modelled: legacy replacement, which the capabilities do not offer.
 *
 * @spec IA-PC HPET Specification 1.0a
 */
public final class Hpet implements MmioDevice, Stateful {
  /** Bytes of the register window. */
  public static final int WINDOW_BYTES = 0x400;

  /** The I/O APIC's pins to which timers can be routed, as bits. */
  public static final int ROUTES = 0x00F0_0000;

  private static final int TIMER_COUNT = 3;
  private static final int ROUTE_COUNT = 32;
  private static final long NANOS_PER_TICK = 10;
  private static final long FEMTOSECONDS_PER_TICK = 10_000_000;
  private static final long MINIMUM_PERIOD_NANOS = 100_000;
  private static final long FARTHEST_TICKS = 1L << 55;

  private static final long CAPABILITIES =
      FEMTOSECONDS_PER_TICK << 32
          | 0x8086L << 16
          | COUNT_SIZE_CAP
          | (TIMER_COUNT - 1) << 8
          | 1; // revision

  private final Clock clock;
  private final MsiTarget messages;
  private final HpetTimer[] timers = new HpetTimer[TIMER_COUNT];
  private boolean enabled;
  private long interruptStatus;

  /** The counter while halted; while it runs, what it is ahead of the clock. */
  private long counterBase;

  /** Where a timer's interrupt goes by wire. */
  @FunctionalInterface
  public interface Routes {
    /** The wire at a pin of the I/O APIC. */
    InterruptLine line(int pin);
  }

  /**
   * Makes the timer, halted.
   *
   * @param routes wires at the pins in {@link #ROUTES}
   * @param messages where timers go that interrupt by message
   */
  public Hpet(Clock clock, Routes routes, MsiTarget messages) {
    this.clock = clock;
    this.messages = messages;
    InterruptLine[] lines = new InterruptLine[ROUTE_COUNT];
    for (int pin = 0; pin < ROUTE_COUNT; pin++) {
      lines[pin] = (ROUTES >>> pin & 1) != 0 ? routes.line(pin) : null;
    }
    for (int i = 0; i < TIMER_COUNT; i++) {
      timers[i] = new HpetTimer(lines);
    }
  }

  /** The first doubleword of the capabilities, which the ACPI table repeats. */
  public static int eventTimerBlockId() {
    return (int) CAPABILITIES;
  }

  private long counter() {
    return enabled ? clock.nanoTime() / NANOS_PER_TICK + counterBase : counterBase;
  }

  @Override
  public synchronized long read(long offset, int sizeBytes) {
    int shift = 8 * ((int) offset & 7);
    long mask = sizeBytes == 8 ? -1 : (1L << 8 * sizeBytes) - 1;
    return readRegister((int) offset & ~7) >>> shift & mask;
  }

  private long readRegister(int register) {
    if (register >= TIMERS) {
      int timer = (register - TIMERS) / TIMER_STRIDE;
      return timer < TIMER_COUNT ? timers[timer].read(register & TIMER_STRIDE - 1) : 0;
    }
    return switch (register) {
      case GCAP_ID -> CAPABILITIES;
      case GEN_CONF -> enabled ? ENABLE_CNF : 0;
      case GINTR_STA -> interruptStatus;
      case MAIN_CNT -> counter();
      default -> 0;
    };
  }

  @Override
  public synchronized void write(long offset, int sizeBytes, long value) {
    int shift = 8 * ((int) offset & 7);
    long mask = sizeBytes == 8 ? -1 : (1L << 8 * sizeBytes) - 1;
    writeRegister((int) offset & ~7, value << shift, mask << shift);
  }

  private void writeRegister(int register, long value, long mask) {
    if (register >= TIMERS) {
      int timer = (register - TIMERS) / TIMER_STRIDE;
      if (timer < TIMER_COUNT) {
        timers[timer].write(register & TIMER_STRIDE - 1, value, mask);
        schedule(timer);
      }
      return;
    }
    switch (register) {
      case GEN_CONF -> {
        if ((mask & ENABLE_CNF) != 0) {
          enable((value & ENABLE_CNF) != 0);
        }
      }
      case GINTR_STA -> clearStatus(value & mask);
      case MAIN_CNT -> {
        if (!enabled) {
          counterBase = counterBase & ~mask | value & mask;
        }
      }
      default -> {}
    }
  }

  private void enable(boolean on) {
    if (on == enabled) {
      return;
    }
    long now = counter();
    enabled = on;
    counterBase = on ? now - clock.nanoTime() / NANOS_PER_TICK : now;
    for (int i = 0; i < TIMER_COUNT; i++) {
      schedule(i);
    }
  }

  private void clearStatus(long bits) {
    interruptStatus &= ~bits;
    for (int i = 0; i < TIMER_COUNT; i++) {
      if ((bits >>> i & 1) != 0) {
        timers[i].drive(false);
      }
    }
  }

  private void schedule(int index) {
    HpetTimer timer = timers[index];
    if (timer.alarm != null) {
      timer.alarm.cancel();
      timer.alarm = null;
    }
    timer.alarmAt = HpetTimer.NEVER;
    if (!enabled || !timer.isEnabled()) {
      return;
    }
    long ticks = timer.ticksToMatch(counter());
    if (ticks != HpetTimer.NEVER && ticks < FARTHEST_TICKS) {
      long nanos = ticks * NANOS_PER_TICK;
      long wait = timer.isPeriodic() ? Math.max(nanos, MINIMUM_PERIOD_NANOS) : nanos;
      timer.alarmAt = clock.nanoTime() + wait;
      timer.alarm = clock.schedule(timer.alarmAt, () -> onAlarm(index));
    }
  }

  private synchronized void onAlarm(int index) {
    HpetTimer timer = timers[index];
    if (timer.alarmAt == HpetTimer.NEVER || clock.nanoTime() < timer.alarmAt) {
      return;
    }
    fire(index);
    timer.advance(counter());
    schedule(index);
  }

  private void fire(int index) {
    HpetTimer timer = timers[index];
    if (timer.usesMessages()) {
      messages.send(timer.messageAddress(), timer.messageData());
    } else if (timer.isLevelTriggered()) {
      interruptStatus |= 1L << index;
      timer.drive(true);
    } else {
      timer.drive(true);
      timer.drive(false);
    }
  }

  @Override
  public String stateName() {
    return "hpet";
  }

  @Override
  public int stateVersion() {
    return 1;
  }

  @Override
  public synchronized void save(StateWriter out) {
    out.writeBoolean(enabled);
    out.writeLong(interruptStatus);
    out.writeLong(counterBase);
    for (HpetTimer timer : timers) {
      timer.save(out);
    }
  }

  @Override
  public synchronized void restore(StateReader in, int version) {
    if (version != 1) {
      throw new StateException("HPET state of version " + version);
    }
    enabled = in.readBoolean();
    interruptStatus = in.readLong();
    counterBase = in.readLong();
    for (int i = 0; i < TIMER_COUNT; i++) {
      timers[i].restore(in);
      schedule(i);
    }
  }
}
