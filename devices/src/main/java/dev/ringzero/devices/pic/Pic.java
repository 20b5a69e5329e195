package dev.ringzero.devices.pic;

import dev.ringzero.engine.InterruptLine;
import dev.ringzero.engine.state.StateException;
import dev.ringzero.engine.state.StateReader;
import dev.ringzero.engine.state.StateWriter;
import dev.ringzero.engine.state.Stateful;
import dev.ringzero.memory.BytePortDevice;
import dev.ringzero.memory.PortDevice;

/** The two cascaded 8259As of a PC: 15 inputs and one output. */
public final class Pic implements Stateful {
  public static final int MASTER_PORT = 0x20; // two ports
  public static final int SLAVE_PORT = 0xA0; // two ports
  public static final int ELCR_PORT = 0x4D0; // Edge/Level Control, two ports

  private static final int CASCADE_INPUT = 2;

  private final Pic8259 master = new Pic8259(1 << CASCADE_INPUT, 0xF8);
  private final Pic8259 slave = new Pic8259(0, 0xDE);
  private final InterruptLine output;

  /**
   * Makes the pair.
   *
   * @param output INTR, which goes to the bootstrap processor's LINT0
   */
  public Pic(InterruptLine output) {
    this.output = output;
  }

  /** The wire at an interrupt request input, 0 to 15; input 2 is not connected. */
  public InterruptLine line(int irq) {
    if (irq < 0 || irq > 15) {
      throw new IllegalArgumentException("no PIC input " + irq);
    }
    return asserted -> drive(irq, asserted);
  }

  private synchronized void drive(int irq, boolean asserted) {
    if (irq >= 8) {
      slave.drive(irq - 8, asserted);
    } else if (irq != CASCADE_INPUT) {
      master.drive(irq, asserted);
    }
    update();
  }

  /** The INTA cycles: takes the highest request into service and returns its vector. */
  public synchronized int acknowledge() {
    int input = master.acknowledge();
    int vector = master.vector(input);
    if (input == CASCADE_INPUT) {
      vector = slave.vector(slave.acknowledge());
    }
    update();
    return vector;
  }

  private void update() {
    master.drive(CASCADE_INPUT, slave.requests());
    output.set(master.requests());
  }

  /** The registers at {@link #MASTER_PORT}. */
  public PortDevice masterPorts() {
    return new ChipPorts(master);
  }

  /** The registers at {@link #SLAVE_PORT}. */
  public PortDevice slavePorts() {
    return new ChipPorts(slave);
  }

  /** The registers at {@link #ELCR_PORT}. */
  public PortDevice elcrPorts() {
    return new ElcrPorts();
  }

  private final class ChipPorts implements BytePortDevice {
    private final Pic8259 chip;

    ChipPorts(Pic8259 chip) {
      this.chip = chip;
    }

    @Override
    public int readByte(int offset) {
      synchronized (Pic.this) {
        int value = chip.read(offset);
        update();
        return value;
      }
    }

    @Override
    public void writeByte(int offset, int value) {
      synchronized (Pic.this) {
        chip.write(offset, value);
        update();
      }
    }
  }

  private final class ElcrPorts implements BytePortDevice {
    @Override
    public int readByte(int offset) {
      synchronized (Pic.this) {
        return chip(offset).elcr();
      }
    }

    @Override
    public void writeByte(int offset, int value) {
      synchronized (Pic.this) {
        chip(offset).elcr(value);
        update();
      }
    }

    private Pic8259 chip(int offset) {
      return offset == 0 ? master : slave;
    }
  }

  @Override
  public String stateName() {
    return "pic";
  }

  @Override
  public int stateVersion() {
    return 1;
  }

  @Override
  public synchronized void save(StateWriter out) {
    master.save(out);
    slave.save(out);
  }

  @Override
  public synchronized void restore(StateReader in, int version) {
    if (version != 1) {
      throw new StateException("PIC state of version " + version);
    }
    master.restore(in);
    slave.restore(in);
    update();
  }
}
