package dev.ringzero.devices.rtc;

import static dev.ringzero.devices.rtc.RtcRegister.*;

import dev.ringzero.devices.timing.Frequency;
import dev.ringzero.engine.Clock;
import dev.ringzero.engine.InterruptLine;
import dev.ringzero.engine.state.StateException;
import dev.ringzero.engine.state.StateReader;
import dev.ringzero.engine.state.StateWriter;
import dev.ringzero.engine.state.Stateful;
import dev.ringzero.memory.BytePortDevice;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;

/**
 * The MC146818 real-time clock with 128 bytes of battery-backed memory. Time is the clock's wall
 * time plus what the guest set it ahead; flags are worked out when somebody looks or when an
 * enabled interrupt falls due.
 *
 * <p>Not modelled: daylight saving, the square-wave pin, dividers other than that for 32 kHz.
 *
 * @spec Motorola MC146818 datasheet
 */
public final class Rtc implements BytePortDevice, Stateful {
  public static final int PORT = 0x70; // two ports
  public static final int IRQ = 8;

  private static final int BYTES = 128;
  private static final long SECOND = 1_000_000_000;
  private static final long UPDATE_WARNING_NANOS = 244_000;
  private static final long ROUNDING_NANOS = 1_000_000;
  private static final Frequency CRYSTAL = new Frequency(32_768);
  private static final int INTERRUPTS = B_UIE | B_AIE | B_PIE;

  private final Clock clock;
  private final InterruptLine irq;
  private final byte[] memory = new byte[BYTES];
  private int index;
  private int flags; // register C without IRQF
  private long aheadNanos; // of wall time

  /** Up to which time of {@link Clock#nanoTime()} events have become flags. */
  private long seenNanos;

  private Clock.Alarm alarm;

  public Rtc(Clock clock, InterruptLine irq) {
    this.clock = clock;
    this.irq = irq;
    memory[A] = A_DIVIDER_32KHZ | 6;
    memory[B] = B_24_HOURS;
    this.seenNanos = clock.nanoTime();
  }

  @Override
  public synchronized int readByte(int offset) {
    if (offset == 0) {
      return 0xFF;
    }
    return switch (index) {
      case SECONDS, MINUTES, HOURS, DAY_OF_WEEK, DATE_OF_MONTH, MONTH, YEAR, CENTURY -> {
        if (!isHalted()) {
          showTime();
        }
        yield memory[index] & 0xFF;
      }
      case A -> memory[A] & ~A_UIP | (updateInProgress() ? A_UIP : 0);
      case C -> readFlags();
      case D -> D_VRT;
      default -> memory[index] & 0xFF;
    };
  }

  private int readFlags() {
    collectFlags();
    int value = flags | ((flags & memory[B] & INTERRUPTS) != 0 ? C_IRQF : 0);
    flags = 0;
    update();
    return value;
  }

  @Override
  public synchronized void writeByte(int offset, int value) {
    if (offset == 0) {
      index = value & BYTES - 1;
      return;
    }
    switch (index) {
      case SECONDS, MINUTES, HOURS, DAY_OF_WEEK, DATE_OF_MONTH, MONTH, YEAR, CENTURY ->
          writeTime(value);
      case A -> {
        collectFlags();
        memory[A] = (byte) (value & ~A_UIP);
        update();
      }
      case B -> writeB(value);
      case C, D -> {}
      default -> {
        memory[index] = (byte) value;
        update();
      }
    }
  }

  private void writeTime(int value) {
    if (!isHalted()) {
      showTime();
    }
    memory[index] = (byte) value;
    if (!isHalted()) {
      takeTime();
    }
  }

  private void writeB(int value) {
    collectFlags();
    boolean wasHalted = isHalted();
    if (!wasHalted && (value & B_SET) != 0) {
      showTime();
    }
    memory[B] = (byte) ((value & B_SET) != 0 ? value & ~B_UIE : value);
    if (wasHalted && !isHalted()) {
      takeTime();
    }
    update();
  }

  private boolean isHalted() {
    return (memory[B] & B_SET) != 0;
  }

  private LocalDateTime now() {
    Instant wall = clock.wallTime();
    return LocalDateTime.ofInstant(
        wall.plusSeconds(aheadNanos / SECOND).plusNanos(aheadNanos % SECOND), ZoneOffset.UTC);
  }

  private boolean updateInProgress() {
    return !isHalted() && now().getNano() >= SECOND - UPDATE_WARNING_NANOS;
  }

  private void showTime() {
    LocalDateTime time = now();
    memory[SECONDS] = encode(time.getSecond());
    memory[MINUTES] = encode(time.getMinute());
    memory[HOURS] = encodeHour(time.getHour());
    memory[DAY_OF_WEEK] = encode(time.getDayOfWeek().getValue() % 7 + 1);
    memory[DATE_OF_MONTH] = encode(time.getDayOfMonth());
    memory[MONTH] = encode(time.getMonthValue());
    memory[YEAR] = encode(time.getYear() % 100);
    memory[CENTURY] = encode(time.getYear() / 100);
  }

  /** Makes the time in the registers the time, if it is one. */
  private void takeTime() {
    try {
      LocalDateTime time =
          LocalDateTime.of(
              decode(memory[CENTURY]) * 100 + decode(memory[YEAR]),
              decode(memory[MONTH]),
              decode(memory[DATE_OF_MONTH]),
              decodeHour(memory[HOURS]),
              decode(memory[MINUTES]),
              decode(memory[SECONDS]));
      Instant wall = clock.wallTime();
      long seconds = time.toEpochSecond(ZoneOffset.UTC) - wall.getEpochSecond();
      if (Math.abs(seconds) < Long.MAX_VALUE / SECOND - 1) {
        aheadNanos = seconds * SECOND - wall.getNano();
      }
    } catch (java.time.DateTimeException e) {
      // A guest may write nonsense; the clock then keeps its time.
    }
    seenNanos = clock.nanoTime();
  }

  private boolean isBinary() {
    return (memory[B] & B_DM) != 0;
  }

  private byte encode(int value) {
    return (byte) (isBinary() ? value : value / 10 << 4 | value % 10);
  }

  private int decode(int value) {
    return isBinary() ? value & 0xFF : (value >>> 4 & 0xF) * 10 + (value & 0xF);
  }

  private byte encodeHour(int hour) {
    if ((memory[B] & B_24_HOURS) != 0) {
      return encode(hour);
    }
    int twelve = hour % 12 == 0 ? 12 : hour % 12;
    return (byte) (encode(twelve) | (hour >= 12 ? 0x80 : 0));
  }

  private int decodeHour(int value) {
    if ((memory[B] & B_24_HOURS) != 0) {
      return decode(value);
    }
    return decode(value & 0x7F) % 12 + ((value & 0x80) != 0 ? 12 : 0);
  }

  // Flags and interrupts.

  /** Turns the events since the last look into flags. */
  private void collectFlags() {
    long now = clock.nanoTime();
    if (periodicTicks(now) != periodicTicks(seenNanos)) {
      flags |= C_PF;
    }
    if (!isHalted()) {
      if (nextSecond(seenNanos) <= now) {
        flags |= C_UF;
      }
      if ((memory[B] & B_AIE) != 0 && nextAlarm(seenNanos) <= now) {
        flags |= C_AF;
      }
    }
    seenNanos = now;
  }

  /** Crystal ticks between periodic interrupts, or 0. */
  private int periodTicks() {
    int rate = memory[A] & A_RATE;
    if (rate == 0 || (memory[A] & A_DIVIDER) != A_DIVIDER_32KHZ) {
      return 0;
    }
    return 1 << (rate <= 2 ? rate + 6 : rate - 1);
  }

  private long periodicTicks(long nanos) {
    int period = periodTicks();
    return period == 0 ? 0 : CRYSTAL.ticks(nanos) / period;
  }

  private long nextSecond(long afterNanos) {
    long fraction = Math.floorMod(now().getNano() - (clock.nanoTime() - afterNanos), SECOND);
    return afterNanos + SECOND - fraction;
  }

  /** When the alarm matches next after a time, at most a day later. */
  private long nextAlarm(long afterNanos) {
    long second = nextSecond(afterNanos);
    LocalDateTime start = now().plusNanos(second - clock.nanoTime() + ROUNDING_NANOS);
    int from = start.toLocalTime().toSecondOfDay();
    for (int day = 0; day < 2; day++) {
      for (int hour = day == 0 ? from / 3600 : 0; hour < 24; hour++) {
        int inDay = matchInHour(hour, day == 0 ? from : 0);
        if (inDay >= 0) {
          return second + (inDay - from + day * 86_400L) * SECOND;
        }
      }
    }
    return Long.MAX_VALUE;
  }

  /** Second of the day, in this hour and not before {@code from}, that the alarm matches, or -1. */
  private int matchInHour(int hour, int from) {
    if (!alarmMatches(memory[HOURS_ALARM], decodeHour(memory[HOURS_ALARM]), hour)) {
      return -1;
    }
    for (int minute = 0; minute < 60; minute++) {
      if (alarmMatches(memory[MINUTES_ALARM], decode(memory[MINUTES_ALARM]), minute)
          && hour * 3600 + minute * 60 + 59 >= from) {
        for (int second = 0; second < 60; second++) {
          int inDay = hour * 3600 + minute * 60 + second;
          if (inDay >= from
              && alarmMatches(memory[SECONDS_ALARM], decode(memory[SECONDS_ALARM]), second)) {
            return inDay;
          }
        }
      }
    }
    return -1;
  }

  /** Alarm values from 0xC0 on match always. */
  private static boolean alarmMatches(byte raw, int decoded, int value) {
    return (raw & 0xC0) == 0xC0 || decoded == value;
  }

  /** Drives the wire and waits for the next event that may change it. */
  private void update() {
    irq.set((flags & memory[B] & INTERRUPTS) != 0);
    if (alarm != null) {
      alarm.cancel();
      alarm = null;
    }
    long next = nextInterrupt();
    if (next != Long.MAX_VALUE) {
      alarm = clock.schedule(next, this::onAlarm);
    }
  }

  private long nextInterrupt() {
    int waiting = memory[B] & INTERRUPTS & ~flags;
    long next = Long.MAX_VALUE;
    if ((waiting & B_PIE) != 0 && periodTicks() != 0) {
      next = CRYSTAL.nanos((periodicTicks(seenNanos) + 1) * periodTicks());
    }
    if ((waiting & B_UIE) != 0 && !isHalted()) {
      next = Math.min(next, nextSecond(seenNanos));
    }
    if ((waiting & B_AIE) != 0 && !isHalted()) {
      next = Math.min(next, nextAlarm(seenNanos));
    }
    return next;
  }

  private synchronized void onAlarm() {
    collectFlags();
    update();
  }

  @Override
  public String stateName() {
    return "rtc";
  }

  @Override
  public int stateVersion() {
    return 1;
  }

  @Override
  public synchronized void save(StateWriter out) {
    out.writeBytes(memory);
    out.writeInt(index);
    out.writeInt(flags);
    out.writeLong(aheadNanos);
    out.writeLong(seenNanos);
  }

  @Override
  public synchronized void restore(StateReader in, int version) {
    if (version != 1) {
      throw new StateException("RTC state of version " + version);
    }
    byte[] saved = in.readBytes();
    if (saved.length != BYTES) {
      throw new StateException("RTC memory of " + saved.length + " bytes");
    }
    System.arraycopy(saved, 0, memory, 0, BYTES);
    index = in.readInt() & BYTES - 1;
    flags = in.readInt() & INTERRUPTS;
    aheadNanos = in.readLong();
    seenNanos = in.readLong();
    update();
  }
}
