package dev.ringzero.devices.testdev;

import dev.ringzero.engine.InterruptLine;
import dev.ringzero.engine.state.StateException;
import dev.ringzero.engine.state.StateReader;
import dev.ringzero.engine.state.StateWriter;
import dev.ringzero.engine.state.Stateful;
import dev.ringzero.memory.MmioDevice;
import dev.ringzero.memory.PortDevice;
import java.util.function.IntFunction;

/**
 * What programs that test processors and chip sets want of a machine: a port and a window of memory
 * that keep what is written, and a wire to each interrupt.
 *
 * <p>Not modelled: unmapping the page whose address is written to {@link #FLUSH_PORT}; the write
 * has no effect.
 *
 * @spec QEMU hw/misc/pc-testdev.c
 */
public final class TestDevice implements PortDevice, Stateful {
  public static final int PORT = 0xE0;
  public static final int FLUSH_PORT = 0xE4;
  public static final int PORTS = 8;
  public static final int INTERRUPT_PORT = 0x2000;
  public static final int INTERRUPTS = 24;
  public static final long WINDOW = 0xFF00_0000L;
  public static final int WINDOW_BYTES = 0x1_0000;

  private final InterruptLine[] lines = new InterruptLine[INTERRUPTS];
  private final byte[] window = new byte[WINDOW_BYTES];
  private int raised;
  private int port;

  /**
   * Makes the device.
   *
   * @param line gives the wire of an interrupt's number
   */
  public TestDevice(IntFunction<InterruptLine> line) {
    for (int i = 0; i < INTERRUPTS; i++) {
      lines[i] = line.apply(i);
    }
  }

  @Override
  public synchronized long readPort(int offset, int sizeBytes) {
    if (offset >= FLUSH_PORT - PORT) {
      return 0;
    }
    return port >>> 8 * offset & mask(sizeBytes);
  }

  @Override
  public synchronized void writePort(int offset, int sizeBytes, long value) {
    if (offset < FLUSH_PORT - PORT) {
      long kept = mask(sizeBytes) << 8 * offset;
      port = (int) (port & ~kept | value << 8 * offset & kept);
    }
  }

  private static long mask(int sizeBytes) {
    return (1L << 8 * sizeBytes) - 1;
  }

  /** One port for each interrupt: not 0 asserts it, 0 deasserts it. */
  public PortDevice interruptPorts() {
    return new PortDevice() {
      @Override
      public long readPort(int offset, int sizeBytes) {
        return 0;
      }

      @Override
      public void writePort(int offset, int sizeBytes, long value) {
        set(offset, value != 0);
      }
    };
  }

  private void set(int line, boolean asserted) {
    synchronized (this) {
      raised = asserted ? raised | 1 << line : raised & ~(1 << line);
    }
    lines[line].set(asserted);
  }

  /** The window of memory. */
  public MmioDevice memory() {
    return new MmioDevice() {
      @Override
      public long read(long offset, int sizeBytes) {
        synchronized (TestDevice.this) {
          long value = 0;
          for (int i = sizeBytes - 1; i >= 0; i--) {
            value = value << 8 | window[(int) offset + i] & 0xFF;
          }
          return value;
        }
      }

      @Override
      public void write(long offset, int sizeBytes, long value) {
        synchronized (TestDevice.this) {
          for (int i = 0; i < sizeBytes; i++) {
            window[(int) offset + i] = (byte) (value >>> 8 * i);
          }
        }
      }
    };
  }

  @Override
  public String stateName() {
    return "testdev";
  }

  @Override
  public int stateVersion() {
    return 1;
  }

  @Override
  public synchronized void save(StateWriter out) {
    out.writeInt(raised);
    out.writeInt(port);
    out.writeBytes(window);
  }

  @Override
  public void restore(StateReader in, int version) {
    if (version != 1) {
      throw new StateException("testdev state of version " + version);
    }
    synchronized (this) {
      raised = in.readInt();
      port = in.readInt();
      byte[] saved = in.readBytes();
      System.arraycopy(saved, 0, window, 0, Math.min(saved.length, WINDOW_BYTES));
    }
  }
}
