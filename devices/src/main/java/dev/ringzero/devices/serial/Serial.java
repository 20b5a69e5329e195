package dev.ringzero.devices.serial;

import static dev.ringzero.devices.serial.SerialRegister.*;

import dev.ringzero.engine.InterruptLine;
import dev.ringzero.engine.state.StateException;
import dev.ringzero.engine.state.StateReader;
import dev.ringzero.engine.state.StateWriter;
import dev.ringzero.engine.state.Stateful;
import dev.ringzero.memory.BytePortDevice;

/**
 * A 16550A serial port. Output goes to a sink at once; while the sink has no room it fills the
 * transmitter FIFO, and the guest sees a busy transmitter. Input waits in a bounded queue behind
 * the receiver FIFO.
 *
 * <p>Not modelled: baud rate, word length, parity; the character time-out comes at once.
 *
 * @spec National Semiconductor PC16550D datasheet
 */
public final class Serial implements BytePortDevice, ConsolePort, Stateful {
  public static final int COM1_PORT = 0x3F8; // eight ports
  public static final int COM1_IRQ = 4;
  public static final int COM2_PORT = 0x2F8;
  public static final int COM2_IRQ = 3;

  private static final int FIFO_BYTES = 16;
  private static final int BACKLOG_BYTES = 4096;
  private static final int LINE_STATUS_SHIFT = 8;
  private static final int[] TRIGGER_LEVEL = {1, 4, 8, 14};

  private final String name;
  private final InterruptLine irq;
  private final ByteSink sink;
  private Runnable inputSpace = () -> {};

  private final ByteRing receiver = new ByteRing(FIFO_BYTES);
  private final ByteRing transmitter = new ByteRing(FIFO_BYTES);
  private final ByteRing backlog = new ByteRing(BACKLOG_BYTES);

  private int ier;
  private int fcr;
  private int lcr;
  private int mcr;
  private int lineErrors; // OE and BI, until LSR is read
  private int modemDelta; // MSR bits 3:0
  private int modemLines = MSR_CTS | MSR_DSR | MSR_DCD;
  private int divisor = 12;
  private int scratch;
  private boolean transmitterInterrupt;

  /**
   * Makes a port without input.
   *
   * @param name of its state, such as "serial0"
   */
  public Serial(String name, InterruptLine irq, ByteSink sink) {
    this.name = name;
    this.irq = irq;
    this.sink = sink;
  }

  /** Who learns that {@link #receive} would take input again after it took less than offered. */
  @Override
  public synchronized void onInputSpace(Runnable listener) {
    inputSpace = listener;
  }

  /**
   * Gives input to the guest, as much as there is room for. Any thread.
   *
   * @return how many bytes were taken
   */
  @Override
  public synchronized int receive(byte[] data, int offset, int length) {
    int taken = 0;
    while (taken < length && !backlog.isFull()) {
      backlog.add(data[offset + taken] & 0xFF);
      taken++;
    }
    refillReceiver();
    update();
    return taken;
  }

  /** Gives the guest a break condition. Any thread. */
  @Override
  public synchronized void receiveBreak() {
    if (!backlog.isFull()) {
      backlog.add(LSR_BI << LINE_STATUS_SHIFT);
      refillReceiver();
      update();
    }
  }

  /** The sink has room again. Any thread. */
  @Override
  public synchronized void resumeOutput() {
    boolean waited = !transmitter.isEmpty();
    while (!transmitter.isEmpty() && sink.offer(transmitter.peek())) {
      transmitter.remove();
    }
    if (waited && transmitter.isEmpty()) {
      transmitterInterrupt = true;
      update();
    }
  }

  private void refillReceiver() {
    if ((mcr & MCR_LOOP) != 0) {
      return;
    }
    int limit = fifosEnabled() ? FIFO_BYTES : 1;
    while (!backlog.isEmpty() && receiver.size() < limit) {
      receiver.add(backlog.remove());
    }
  }

  private boolean fifosEnabled() {
    return (fcr & FCR_ENABLE) != 0;
  }

  private boolean divisorLatch() {
    return (lcr & LCR_DLAB) != 0;
  }

  @Override
  public int readByte(int offset) {
    boolean spaceGrew;
    int value;
    synchronized (this) {
      boolean wasFull = backlog.isFull();
      value = readRegister(offset);
      spaceGrew = wasFull && !backlog.isFull();
      update();
    }
    if (spaceGrew) {
      inputSpace.run();
    }
    return value;
  }

  private int readRegister(int offset) {
    return switch (offset) {
      case DATA -> divisorLatch() ? divisor & 0xFF : readData();
      case IER -> divisorLatch() ? divisor >>> 8 : ier;
      case IIR_FCR -> readInterruptIdentification();
      case LCR -> lcr;
      case MCR -> mcr;
      case LSR -> readLineStatus();
      case MSR -> readModemStatus();
      case SCR -> scratch;
      default -> 0xFF;
    };
  }

  private int readData() {
    int value = receiver.isEmpty() ? 0 : receiver.remove() & 0xFF;
    refillReceiver();
    return value;
  }

  private int interruptIdentification() {
    if ((ier & IER_ELSI) != 0 && (lineStatus() & (LSR_OE | LSR_BI)) != 0) {
      return IIR_LINE_STATUS;
    }
    if ((ier & IER_ERBFI) != 0 && !receiver.isEmpty()) {
      boolean enough = !fifosEnabled() || receiver.size() >= TRIGGER_LEVEL[fcr >>> 6];
      return enough ? IIR_DATA : IIR_TIMEOUT;
    }
    if ((ier & IER_ETBEI) != 0 && transmitterInterrupt) {
      return IIR_THR_EMPTY;
    }
    if ((ier & IER_EDSSI) != 0 && modemDelta != 0) {
      return IIR_MODEM_STATUS;
    }
    return IIR_NONE;
  }

  private int readInterruptIdentification() {
    int identification = interruptIdentification();
    if (identification == IIR_THR_EMPTY) {
      transmitterInterrupt = false;
    }
    return identification | (fifosEnabled() ? IIR_FIFOS : 0);
  }

  private int lineStatus() {
    int status = lineErrors;
    if (!receiver.isEmpty()) {
      status |= LSR_DR | receiver.peek() >>> LINE_STATUS_SHIFT;
    }
    if (transmitter.isEmpty()) {
      status |= LSR_THRE | LSR_TEMT;
    }
    if (fifosEnabled() && receiver.contains(LSR_BI << LINE_STATUS_SHIFT)) {
      status |= LSR_FIFO_ERROR;
    }
    return status;
  }

  private int readLineStatus() {
    int status = lineStatus();
    lineErrors = 0;
    receiver.clearStatusOfFirst();
    return status;
  }

  private int readModemStatus() {
    int status = modemLines | modemDelta;
    modemDelta = 0;
    return status;
  }

  @Override
  public synchronized void writeByte(int offset, int value) {
    switch (offset) {
      case DATA -> {
        if (divisorLatch()) {
          divisor = divisor & 0xFF00 | value;
        } else {
          transmit(value);
        }
      }
      case IER -> {
        if (divisorLatch()) {
          divisor = divisor & 0xFF | value << 8;
        } else {
          writeInterruptEnable(value);
        }
      }
      case IIR_FCR -> writeFifoControl(value);
      case LCR -> writeLineControl(value);
      case MCR -> writeModemControl(value);
      case SCR -> scratch = value;
      default -> {}
    }
    update();
  }

  private void transmit(int value) {
    transmitterInterrupt = false;
    if ((mcr & MCR_LOOP) != 0) {
      loopBack(value);
      transmitterInterrupt = true;
    } else if (transmitter.isEmpty() && sink.offer(value)) {
      transmitterInterrupt = true;
    } else if (transmitter.size() < (fifosEnabled() ? FIFO_BYTES : 1)) {
      transmitter.add(value);
    }
  }

  private void loopBack(int value) {
    if (receiver.size() < (fifosEnabled() ? FIFO_BYTES : 1)) {
      receiver.add(value);
    } else {
      lineErrors |= LSR_OE;
    }
  }

  private void writeInterruptEnable(int value) {
    boolean enables = (value & IER_ETBEI) != 0 && (ier & IER_ETBEI) == 0;
    ier = value & 0xF;
    if (enables && transmitter.isEmpty()) {
      transmitterInterrupt = true;
    }
  }

  private void writeFifoControl(int value) {
    boolean switched = ((value ^ fcr) & FCR_ENABLE) != 0;
    fcr = (value & FCR_ENABLE) != 0 ? value & 0xC9 : 0;
    if (switched || (value & FCR_CLEAR_RECEIVER) != 0) {
      receiver.clear();
      refillReceiver();
    }
    if (switched || (value & FCR_CLEAR_TRANSMITTER) != 0) {
      if (!transmitter.isEmpty()) {
        transmitter.clear();
        transmitterInterrupt = true;
      }
    }
  }

  private void writeLineControl(int value) {
    if (((value ^ lcr) & LCR_BREAK) != 0) {
      sink.breakCondition((value & LCR_BREAK) != 0);
    }
    lcr = value;
  }

  private void writeModemControl(int value) {
    mcr = value & 0x1F;
    int lines = MSR_CTS | MSR_DSR | MSR_DCD;
    if ((mcr & MCR_LOOP) != 0) {
      lines = (mcr & MCR_RTS) != 0 ? MSR_CTS : 0;
      lines |= (mcr & MCR_DTR) != 0 ? MSR_DSR : 0;
      lines |= (mcr & MCR_OUT1) != 0 ? MSR_RI : 0;
      lines |= (mcr & MCR_OUT2) != 0 ? MSR_DCD : 0;
    }
    int changed = lines ^ modemLines;
    int ringEnded = modemLines & ~lines & MSR_RI;
    modemDelta |= (changed & ~MSR_RI | ringEnded) >>> 4;
    modemLines = lines;
    refillReceiver();
  }

  private void update() {
    irq.set((mcr & MCR_OUT2) != 0 && interruptIdentification() != IIR_NONE);
  }

  @Override
  public String stateName() {
    return name;
  }

  @Override
  public int stateVersion() {
    return 1;
  }

  @Override
  public synchronized void save(StateWriter out) {
    out.writeInts(
        new int[] {ier, fcr, lcr, mcr, lineErrors, modemDelta, modemLines, divisor, scratch});
    out.writeBoolean(transmitterInterrupt);
    receiver.save(out);
    transmitter.save(out);
    backlog.save(out);
  }

  @Override
  public synchronized void restore(StateReader in, int version) {
    if (version != 1) {
      throw new StateException("serial port state of version " + version);
    }
    int[] values = new int[9];
    in.readInts(values);
    ier = values[0] & 0xF;
    fcr = values[1] & 0xFF;
    lcr = values[2] & 0xFF;
    mcr = values[3] & 0x1F;
    lineErrors = values[4];
    modemDelta = values[5] & 0xF;
    modemLines = values[6] & 0xF0;
    divisor = values[7] & 0xFFFF;
    scratch = values[8] & 0xFF;
    transmitterInterrupt = in.readBoolean();
    receiver.restore(in);
    transmitter.restore(in);
    backlog.restore(in);
    update();
  }
}
