package dev.ringzero.devices.chipset;

import dev.ringzero.devices.power.PowerControl;
import dev.ringzero.engine.state.StateException;
import dev.ringzero.engine.state.StateReader;
import dev.ringzero.engine.state.StateWriter;
import dev.ringzero.engine.state.Stateful;
import dev.ringzero.memory.BytePortDevice;

/**
 * The Reset Control register at port 0xCF9: the machine resets when RST_CPU goes from 0 to 1.
 *
 * @spec Intel I/O Controller Hub 9 datasheet, "RST_CNT: Reset Control Register"
 */
public final class ResetControl implements BytePortDevice, Stateful {
  public static final int PORT = 0xCF9;

  /** What to write for a full reset, as the FADT tells. */
  public static final int FULL_RESET = 0x0E;

  private static final int RST_CPU = 1 << 2;
  private static final int WRITABLE = 0x0E;

  private final PowerControl power;
  private int value;

  public ResetControl(PowerControl power) {
    this.power = power;
  }

  @Override
  public synchronized int readByte(int offset) {
    return value;
  }

  @Override
  public void writeByte(int offset, int newValue) {
    boolean rising;
    synchronized (this) {
      rising = (newValue & ~value & RST_CPU) != 0;
      value = newValue & WRITABLE;
    }
    if (rising) {
      power.reset();
    }
  }

  @Override
  public String stateName() {
    return "reset-control";
  }

  @Override
  public int stateVersion() {
    return 1;
  }

  @Override
  public synchronized void save(StateWriter out) {
    out.writeInt(value);
  }

  @Override
  public synchronized void restore(StateReader in, int version) {
    if (version != 1) {
      throw new StateException("reset control state of version " + version);
    }
    value = in.readInt() & WRITABLE;
  }
}
