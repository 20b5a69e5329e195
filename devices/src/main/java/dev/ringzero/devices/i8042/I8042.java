package dev.ringzero.devices.i8042;

import dev.ringzero.devices.power.PowerControl;
import dev.ringzero.engine.InterruptLine;
import dev.ringzero.engine.state.StateException;
import dev.ringzero.engine.state.StateReader;
import dev.ringzero.engine.state.StateWriter;
import dev.ringzero.engine.state.Stateful;
import dev.ringzero.memory.BytePortDevice;
import dev.ringzero.memory.PortDevice;

/**
 * The keyboard controller with nothing plugged in: it passes its self-test, resets the machine, and
 * answers every command at once, so that no driver waits for a time-out. Bytes to the absent
 * keyboard and mouse come back as transmission time-outs.
 *
 * <p>Not modelled: keyboard, mouse, password, gating of address line 20.
 *
 * @spec Intel 8042 / IBM PS/2 Hardware Interface Technical Reference, "Keyboard and Auxiliary
 *     Device Controller"
 */
public final class I8042 implements Stateful {
  public static final int DATA_PORT = 0x60;
  public static final int COMMAND_PORT = 0x64;
  public static final int KEYBOARD_IRQ = 1;

  private static final int STATUS_OBF = 1 << 0; // Output Buffer Full
  private static final int STATUS_SYSTEM = 1 << 2; // self-test passed
  private static final int STATUS_COMMAND = 1 << 3; // the last write was a command
  private static final int STATUS_NOT_LOCKED = 1 << 4;
  private static final int STATUS_TIMEOUT = 1 << 6;

  private static final int MODE_KEYBOARD_INTERRUPT = 1 << 0;
  private static final int MODE_SYSTEM = 1 << 2;
  private static final int MODE_KEYBOARD_DISABLED = 1 << 4;
  private static final int MODE_AUXILIARY_DISABLED = 1 << 5;

  private static final int NO_COMMAND = 0;
  private static final int READ_MODE = 0x20;
  private static final int WRITE_MODE = 0x60;
  private static final int DISABLE_AUXILIARY = 0xA7;
  private static final int ENABLE_AUXILIARY = 0xA8;
  private static final int TEST_AUXILIARY = 0xA9;
  private static final int SELF_TEST = 0xAA;
  private static final int TEST_KEYBOARD = 0xAB;
  private static final int DISABLE_KEYBOARD = 0xAD;
  private static final int ENABLE_KEYBOARD = 0xAE;
  private static final int READ_INPUT = 0xC0;
  private static final int READ_OUTPUT = 0xD0;
  private static final int WRITE_OUTPUT = 0xD1;
  private static final int WRITE_KEYBOARD_BUFFER = 0xD2;
  private static final int WRITE_AUXILIARY_BUFFER = 0xD3;
  private static final int WRITE_AUXILIARY = 0xD4;
  private static final int PULSE_OUTPUT = 0xF0;

  private static final int SELF_TEST_PASSED = 0x55;
  private static final int CLOCK_STUCK_LOW = 0x01;
  private static final int RESEND = 0xFE;
  private static final int OUTPUT_NOT_RESET = 1 << 0;
  private static final int OUTPUT_A20 = 1 << 1;

  private final InterruptLine keyboardIrq;
  private final PowerControl power;

  private int status = STATUS_NOT_LOCKED;
  private int mode = MODE_KEYBOARD_INTERRUPT | MODE_AUXILIARY_DISABLED | MODE_SYSTEM;
  private int command;
  private int output;
  private int outputPort = OUTPUT_NOT_RESET | OUTPUT_A20;

  public I8042(InterruptLine keyboardIrq, PowerControl power) {
    this.keyboardIrq = keyboardIrq;
    this.power = power;
  }

  /** The register at {@link #DATA_PORT}. */
  public PortDevice dataPort() {
    return new DataPort();
  }

  /** The register at {@link #COMMAND_PORT}. */
  public PortDevice commandPort() {
    return new CommandPort();
  }

  private final class DataPort implements BytePortDevice {
    @Override
    public int readByte(int offset) {
      return readData();
    }

    @Override
    public void writeByte(int offset, int value) {
      writeData(value);
    }
  }

  private final class CommandPort implements BytePortDevice {
    @Override
    public int readByte(int offset) {
      synchronized (I8042.this) {
        return status;
      }
    }

    @Override
    public void writeByte(int offset, int value) {
      writeCommand(value);
    }
  }

  private synchronized int readData() {
    status &= ~(STATUS_OBF | STATUS_TIMEOUT);
    update();
    return output;
  }

  private synchronized void writeData(int value) {
    status &= ~STATUS_COMMAND;
    int pending = command;
    command = NO_COMMAND;
    switch (pending) {
      case WRITE_MODE -> {
        mode = value;
        update();
      }
      case WRITE_OUTPUT -> {
        outputPort = value;
        if ((value & OUTPUT_NOT_RESET) == 0) {
          power.reset();
        }
      }
      case WRITE_KEYBOARD_BUFFER, WRITE_AUXILIARY_BUFFER -> answer(value, 0);
      case WRITE_AUXILIARY -> answer(RESEND, STATUS_TIMEOUT);
      default -> answer(RESEND, STATUS_TIMEOUT);
    }
  }

  private synchronized void writeCommand(int value) {
    status |= STATUS_COMMAND;
    command = NO_COMMAND;
    switch (value) {
      case READ_MODE -> answer(mode, 0);
      case WRITE_MODE,
          WRITE_OUTPUT,
          WRITE_KEYBOARD_BUFFER,
          WRITE_AUXILIARY_BUFFER,
          WRITE_AUXILIARY ->
          command = value;
      case DISABLE_AUXILIARY -> mode |= MODE_AUXILIARY_DISABLED;
      case ENABLE_AUXILIARY -> mode &= ~MODE_AUXILIARY_DISABLED;
      case TEST_AUXILIARY -> answer(CLOCK_STUCK_LOW, 0);
      case SELF_TEST -> {
        status |= STATUS_SYSTEM;
        answer(SELF_TEST_PASSED, 0);
      }
      case TEST_KEYBOARD -> answer(0, 0);
      case DISABLE_KEYBOARD -> mode |= MODE_KEYBOARD_DISABLED;
      case ENABLE_KEYBOARD -> mode &= ~MODE_KEYBOARD_DISABLED;
      case READ_INPUT -> answer(0x80, 0);
      case READ_OUTPUT -> answer(outputPort, 0);
      default -> {
        if (value >= PULSE_OUTPUT && (value & OUTPUT_NOT_RESET) == 0) {
          power.reset();
        }
      }
    }
  }

  private void answer(int value, int statusBits) {
    output = value;
    status = status & ~STATUS_TIMEOUT | STATUS_OBF | statusBits;
    update();
  }

  private void update() {
    keyboardIrq.set((status & STATUS_OBF) != 0 && (mode & MODE_KEYBOARD_INTERRUPT) != 0);
  }

  @Override
  public String stateName() {
    return "i8042";
  }

  @Override
  public int stateVersion() {
    return 1;
  }

  @Override
  public synchronized void save(StateWriter out) {
    out.writeInts(new int[] {status, mode, command, output, outputPort});
  }

  @Override
  public synchronized void restore(StateReader in, int version) {
    if (version != 1) {
      throw new StateException("i8042 state of version " + version);
    }
    int[] values = new int[5];
    in.readInts(values);
    status = values[0] & 0xFF;
    mode = values[1] & 0xFF;
    command = values[2] & 0xFF;
    output = values[3] & 0xFF;
    outputPort = values[4] & 0xFF;
    update();
  }
}
