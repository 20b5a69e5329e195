package dev.ringzero.devices.pit;

import dev.ringzero.devices.timing.Frequency;
import dev.ringzero.engine.Clock;
import dev.ringzero.engine.state.StateReader;
import dev.ringzero.engine.state.StateWriter;

/**
 * One counter of an 8254, computed from the clock when it is looked at. Called under the lock of
 * its {@link Pit}.
 *
 * @spec Intel 8254 datasheet, "Mode Definitions"
 */
final class PitChannel {
  /** No further change of OUT is to come. */
  static final long NEVER = Long.MAX_VALUE;

  private static final int TERMINAL_COUNT = 0;
  private static final int ONE_SHOT = 1;
  private static final int RATE_GENERATOR = 2;
  private static final int SQUARE_WAVE = 3;
  private static final int HARDWARE_STROBE = 5;

  private static final int LOW_BYTE = 1, HIGH_BYTE = 2;

  private static final Frequency INPUT = new Frequency(Pit.HERTZ);

  private final Clock clock;

  private int mode;
  private int access = 3; // RW1:RW0
  private boolean bcd;
  private int reload = 0x1_0000;
  private boolean loaded;
  private boolean gate = true;
  private long startNanos; // when counting began, shifted by pauses
  private long pausedNanos; // how far it had come when the gate stopped it, or -1
  private int writtenLow;
  private boolean writesHigh;
  private boolean readsHigh;
  private int latchedCount = -1;
  private int latchedStatus = -1;

  PitChannel(Clock clock) {
    this.clock = clock;
    this.pausedNanos = -1;
  }

  void control(int word) {
    access = word >>> 4 & 3;
    int newMode = word >>> 1 & 7;
    mode = newMode > HARDWARE_STROBE ? newMode - 4 : newMode;
    bcd = (word & 1) != 0;
    loaded = false;
    writesHigh = false;
    readsHigh = false;
    latchedCount = -1;
    latchedStatus = -1;
    pausedNanos = -1;
  }

  void write(int value) {
    if (access == LOW_BYTE) {
      load(value);
    } else if (access == HIGH_BYTE) {
      load(value << 8);
    } else if (!writesHigh) {
      writtenLow = value;
      writesHigh = true;
    } else {
      writesHigh = false;
      load(value << 8 | writtenLow);
    }
  }

  private void load(int value) {
    int count = bcd ? fromBcd(value) : value;
    reload = count != 0 ? count : bcd ? 10_000 : 0x1_0000;
    loaded = true;
    if (mode != ONE_SHOT && mode != HARDWARE_STROBE) {
      start();
    } else {
      startNanos = NEVER;
    }
  }

  private void start() {
    startNanos = clock.nanoTime();
    pausedNanos = gate ? -1 : 0;
  }

  void gate(boolean level) {
    boolean rising = level && !gate;
    boolean falling = !level && gate;
    gate = level;
    if (!loaded) {
      return;
    }
    boolean levelSensitive = mode == TERMINAL_COUNT || mode == 4;
    if (rising && levelSensitive && pausedNanos >= 0) {
      startNanos = clock.nanoTime() - pausedNanos;
      pausedNanos = -1;
    } else if (rising && !levelSensitive) {
      start();
    } else if (falling && (levelSensitive || isPeriodic()) && startNanos != NEVER) {
      pausedNanos = clock.nanoTime() - startNanos;
    }
  }

  boolean gate() {
    return gate;
  }

  private boolean isPeriodic() {
    return mode == RATE_GENERATOR || mode == SQUARE_WAVE;
  }

  /** Input pulses counted since the start; -1 while a trigger is awaited. */
  private long elapsed() {
    if (!loaded || startNanos == NEVER) {
      return -1;
    }
    return INPUT.ticks(pausedNanos >= 0 ? pausedNanos : clock.nanoTime() - startNanos);
  }

  /** The OUT pin. */
  boolean out() {
    long elapsed = elapsed();
    if (elapsed < 0) {
      return mode != TERMINAL_COUNT;
    }
    return switch (mode) {
      case TERMINAL_COUNT, ONE_SHOT -> elapsed >= reload;
      case RATE_GENERATOR -> !gate || elapsed % reload != reload - 1;
      case SQUARE_WAVE -> !gate || elapsed % reload < (reload + 1) / 2;
      default -> elapsed != reload;
    };
  }

  /** When OUT rises next after {@code nanos}, or {@link #NEVER}. */
  long nextRise(long nanos) {
    if (!loaded || startNanos == NEVER || pausedNanos >= 0) {
      return NEVER;
    }
    long elapsed = Math.max(0, INPUT.ticks(nanos - startNanos));
    long at = isPeriodic() ? (elapsed / reload + 1) * reload : mode >= 4 ? reload + 1 : reload;
    return at > elapsed ? startNanos + INPUT.nanos(at) : NEVER;
  }

  private int count() {
    long elapsed = elapsed();
    if (elapsed < 0) {
      return encode(reload);
    }
    long value =
        switch (mode) {
          case RATE_GENERATOR -> reload - elapsed % reload;
          case SQUARE_WAVE -> reload - 2 * elapsed % reload;
          default -> reload - elapsed;
        };
    return encode(value);
  }

  private int encode(long value) {
    return bcd ? toBcd((int) Math.floorMod(value, 10_000L)) : (int) value & 0xFFFF;
  }

  void latchCount() {
    if (latchedCount < 0) {
      latchedCount = count();
    }
  }

  void latchStatus() {
    if (latchedStatus < 0) {
      int outBit = out() ? 0x80 : 0;
      int nullCount = loaded ? 0 : 0x40;
      latchedStatus = outBit | nullCount | access << 4 | mode << 1 | (bcd ? 1 : 0);
    }
  }

  int read() {
    if (latchedStatus >= 0) {
      int status = latchedStatus;
      latchedStatus = -1;
      return status;
    }
    int value = latchedCount >= 0 ? latchedCount : count();
    boolean high = access == HIGH_BYTE || access == 3 && readsHigh;
    readsHigh = access == 3 && !readsHigh;
    if (!readsHigh) {
      latchedCount = -1;
    }
    return high ? value >>> 8 : value & 0xFF;
  }

  private static int fromBcd(int value) {
    return (value >>> 12) * 1000
        + (value >>> 8 & 15) * 100
        + (value >>> 4 & 15) * 10
        + (value & 15);
  }

  private static int toBcd(int value) {
    return value / 1000 << 12 | value / 100 % 10 << 8 | value / 10 % 10 << 4 | value % 10;
  }

  void save(StateWriter out) {
    out.writeInts(new int[] {mode, access, reload, writtenLow, latchedCount, latchedStatus});
    out.writeBoolean(bcd);
    out.writeBoolean(loaded);
    out.writeBoolean(gate);
    out.writeBoolean(writesHigh);
    out.writeBoolean(readsHigh);
    out.writeLong(startNanos);
    out.writeLong(pausedNanos);
  }

  void restore(StateReader in) {
    int[] values = new int[6];
    in.readInts(values);
    mode = Math.floorMod(values[0], 6);
    access = values[1] & 3;
    reload = Math.clamp(values[2], 1, 0x1_0000);
    writtenLow = values[3] & 0xFF;
    latchedCount = Math.clamp(values[4], -1, 0xFFFF);
    latchedStatus = Math.clamp(values[5], -1, 0xFF);
    bcd = in.readBoolean();
    loaded = in.readBoolean();
    gate = in.readBoolean();
    writesHigh = in.readBoolean();
    readsHigh = in.readBoolean();
    startNanos = in.readLong();
    pausedNanos = in.readLong();
  }
}
