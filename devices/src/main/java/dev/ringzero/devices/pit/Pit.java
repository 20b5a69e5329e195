package dev.ringzero.devices.pit;

import dev.ringzero.devices.timing.Frequency;
import dev.ringzero.engine.Clock;
import dev.ringzero.engine.InterruptLine;
import dev.ringzero.engine.state.StateException;
import dev.ringzero.engine.state.StateReader;
import dev.ringzero.engine.state.StateWriter;
import dev.ringzero.engine.state.Stateful;
import dev.ringzero.memory.BytePortDevice;
import dev.ringzero.memory.PortDevice;

/**
 * The 8254 interval timer: channel 0 drives IRQ 0, channel 2 the speaker, gated by port 0x61.
 *
 * <p>Not modelled: sound; OUT of channel 0 between its rising edges.
 *
 * @spec Intel 8254 datasheet
 */
public final class Pit implements BytePortDevice, Stateful {
  public static final int PORT = 0x40; // four ports
  public static final int SPEAKER_PORT = 0x61; // one port

  /** Frequency of the input clock. */
  static final long HERTZ = 1_193_182;

  private static final int CONTROL = 3;
  private static final int READ_BACK = 3;
  private static final long MINIMUM_PERIOD_NANOS = 100_000;

  /** Memory refresh toggles at half of this. */
  private static final Frequency REFRESH = new Frequency(66_287);

  private final Clock clock;
  private final InterruptLine irq0;
  private final PitChannel[] channels = new PitChannel[3];
  private Clock.Alarm alarm;
  private long alarmNanos = PitChannel.NEVER;
  private int speakerControl;

  /**
   * Makes the timer.
   *
   * @param irq0 the wire of channel 0
   */
  public Pit(Clock clock, InterruptLine irq0) {
    this.clock = clock;
    this.irq0 = irq0;
    for (int i = 0; i < channels.length; i++) {
      channels[i] = new PitChannel(clock);
    }
    channels[2].gate(false);
  }

  @Override
  public synchronized int readByte(int offset) {
    return offset == CONTROL ? 0xFF : channels[offset].read();
  }

  @Override
  public synchronized void writeByte(int offset, int value) {
    if (offset != CONTROL) {
      channels[offset].write(value);
      follow(offset);
      return;
    }
    int channel = value >>> 6;
    if (channel == READ_BACK) {
      readBack(value);
    } else if ((value & 0x30) == 0) {
      channels[channel].latchCount();
    } else {
      channels[channel].control(value);
      follow(channel);
    }
  }

  private void readBack(int value) {
    for (int i = 0; i < channels.length; i++) {
      if ((value >>> i + 1 & 1) != 0) {
        if ((value & 0x20) == 0) {
          channels[i].latchCount();
        }
        if ((value & 0x10) == 0) {
          channels[i].latchStatus();
        }
      }
    }
  }

  private void follow(int channel) {
    if (channel == 0) {
      irq0.set(channels[0].out());
      scheduleRise(clock.nanoTime());
    }
  }

  private void scheduleRise(long afterNanos) {
    if (alarm != null) {
      alarm.cancel();
      alarm = null;
    }
    alarmNanos = channels[0].nextRise(afterNanos);
    if (alarmNanos != PitChannel.NEVER) {
      long now = clock.nanoTime();
      long soonest = alarmNanos <= now ? now : Math.max(alarmNanos, now + MINIMUM_PERIOD_NANOS);
      alarm = clock.schedule(soonest, this::onAlarm);
    }
  }

  private synchronized void onAlarm() {
    if (clock.nanoTime() < alarmNanos) {
      return;
    }
    irq0.set(false);
    irq0.set(true);
    scheduleRise(clock.nanoTime());
  }

  /** The register at {@link #SPEAKER_PORT}. */
  public PortDevice speakerPort() {
    return new SpeakerPort();
  }

  /** NMI Status and Control, as far as it concerns the timer. */
  private final class SpeakerPort implements BytePortDevice {
    private static final int GATE2 = 1 << 0; // Timer Counter 2 Enable
    private static final int REFRESH_TOGGLE = 1 << 4; // Refresh Cycle Toggle
    private static final int OUT2 = 1 << 5; // Timer Counter 2 Output

    @Override
    public int readByte(int offset) {
      synchronized (Pit.this) {
        int value = speakerControl;
        if ((REFRESH.ticks(clock.nanoTime()) & 1) != 0) {
          value |= REFRESH_TOGGLE;
        }
        return channels[2].out() ? value | OUT2 : value;
      }
    }

    @Override
    public void writeByte(int offset, int value) {
      synchronized (Pit.this) {
        speakerControl = value & 0xF;
        channels[2].gate((value & GATE2) != 0);
      }
    }
  }

  @Override
  public String stateName() {
    return "pit";
  }

  @Override
  public int stateVersion() {
    return 1;
  }

  @Override
  public synchronized void save(StateWriter out) {
    for (PitChannel channel : channels) {
      channel.save(out);
    }
    out.writeInt(speakerControl);
  }

  @Override
  public synchronized void restore(StateReader in, int version) {
    if (version != 1) {
      throw new StateException("PIT state of version " + version);
    }
    for (PitChannel channel : channels) {
      channel.restore(in);
    }
    speakerControl = in.readInt() & 0xF;
    scheduleRise(clock.nanoTime());
  }
}
