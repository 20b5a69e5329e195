package dev.ringzero.devices.virtio.console;

import static dev.ringzero.devices.virtio.console.ConsoleProtocol.*;

import dev.ringzero.devices.virtio.VirtioDevice;
import dev.ringzero.devices.virtio.VirtioTransport;
import dev.ringzero.devices.virtio.VirtioType;
import dev.ringzero.devices.virtio.queue.DescriptorChain;
import dev.ringzero.devices.virtio.queue.TransferRing;
import dev.ringzero.devices.virtio.queue.Virtqueue;
import dev.ringzero.engine.state.StateReader;
import dev.ringzero.engine.state.StateWriter;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A virtio console: one port that is a terminal, whose size the driver learns at once, by control
 * messages where it knows them, else in configuration space.
 *
 * <p>Not modelled: further ports, names of ports.
 *
 * @spec Virtual I/O Device (VIRTIO) 1.2, "Console Device"
 */
public final class VirtioConsole implements VirtioDevice {
  private static final int RECEIVE = 0;
  private static final int TRANSMIT = 1;
  private static final int CONTROL_RECEIVE = 2;
  private static final int CONTROL_TRANSMIT = 3;
  private static final int QUEUE_SIZE = 64;
  private static final int PORTS = 1;
  private static final int BUFFERS_A_STEP = 16;
  private static final int INPUT_BYTES = 1 << 12;
  private static final int BATCH_BYTES = 1 << 12;

  private final ConsoleSink sink;
  private final ControlMessages control = new ControlMessages();
  private final AtomicInteger size;

  /** Guarded by itself. */
  private final TransferRing input = new TransferRing(INPUT_BYTES);

  private final byte[] batch = new byte[BATCH_BYTES];
  private final byte[] emergency = new byte[1];
  private VirtioTransport transport;
  private DescriptorChain receiveChain;
  private DescriptorChain transmitChain;
  private DescriptorChain controlInChain;
  private DescriptorChain controlOutChain;
  private Runnable inputSpace = () -> {};
  private volatile boolean multiport;
  private volatile boolean open;

  /** How much of the driver's next buffer the sink has taken already. */
  private long takenOfNext;

  private volatile boolean held;

  /** A console of a size, with somebody who takes what is written. */
  public VirtioConsole(int rows, int columns, ConsoleSink sink) {
    this.sink = sink;
    size = new AtomicInteger(size(rows, columns));
  }

  private static int size(int rows, int columns) {
    return rows << 16 | columns & 0xFFFF;
  }

  // The host's side, by any thread

  /** Whether the driver uses the console: before that nobody reads what is typed. */
  public boolean isOpen() {
    return open;
  }

  /** Sets who hears that typed bytes were read. */
  public void onInputSpace(Runnable listener) {
    inputSpace = listener;
  }

  /** Types bytes; returns how many there was room for. */
  public int receive(byte[] bytes, int offset, int lengthBytes) {
    int taken;
    synchronized (input) {
      taken = input.put(bytes, offset, lengthBytes);
    }
    transport.wake(RECEIVE);
    return taken;
  }

  /** The sink takes bytes again. */
  public void resumeOutput() {
    held = false;
    transport.wake(TRANSMIT);
  }

  /** The terminal has another size. */
  public void resize(int rows, int columns) {
    int now = size(rows, columns);
    if (size.getAndSet(now) != now) {
      control.resized();
      transport.wake(CONTROL_RECEIVE);
      transport.configChanged();
    }
  }

  // The driver's side

  @Override
  public VirtioType type() {
    return VirtioType.CONSOLE;
  }

  @Override
  public long features() {
    return VIRTIO_CONSOLE_F_SIZE | VIRTIO_CONSOLE_F_MULTIPORT | VIRTIO_CONSOLE_F_EMERG_WRITE;
  }

  @Override
  public int[] queueSizes() {
    return new int[] {QUEUE_SIZE, QUEUE_SIZE, QUEUE_SIZE, QUEUE_SIZE};
  }

  @Override
  public void connect(VirtioTransport to) {
    transport = to;
    receiveChain = new DescriptorChain(to.memory());
    transmitChain = new DescriptorChain(to.memory());
    controlInChain = new DescriptorChain(to.memory());
    controlOutChain = new DescriptorChain(to.memory());
  }

  @Override
  public int configBytes() {
    return CONFIG_BYTES;
  }

  @Override
  public long readConfig(int offset, int sizeBytes) {
    long now = size.get();
    long first = now & 0xFFFF | now >>> 16 << 16 & 0xFFFF_0000L | (long) PORTS << 8 * MAX_NR_PORTS;
    long value = offset < Long.BYTES ? first >>> 8 * offset : 0;
    return value & -1L >>> 64 - 8 * sizeBytes;
  }

  /** A character in an emergency needs no queue; where nobody takes it, it is lost. */
  @Override
  public void writeConfig(int offset, int sizeBytes, long value) {
    if (offset == EMERG_WR) {
      synchronized (emergency) {
        emergency[0] = (byte) value;
        sink.take(emergency, 1);
      }
    }
  }

  @Override
  public void activate(long features) {
    multiport = (features & VIRTIO_CONSOLE_F_MULTIPORT) != 0;
    if (!multiport) {
      opened(true);
    }
  }

  private void opened(boolean now) {
    open = now;
    inputSpace.run();
  }

  @Override
  public void reset() {
    open = false;
    multiport = false;
    held = false;
    takenOfNext = 0;
    control.clear();
    synchronized (input) {
      input.clear();
    }
  }

  @Override
  public boolean process(int index, Virtqueue queue) {
    boolean more =
        switch (index) {
          case RECEIVE -> receive(queue);
          case TRANSMIT -> transmit(queue);
          case CONTROL_RECEIVE -> multiport && sendControl(queue);
          case CONTROL_TRANSMIT -> multiport && takeControl(queue);
          default -> false;
        };
    if (queue.isSignalDue()) {
      transport.signal(index);
    }
    return more;
  }

  private boolean receive(Virtqueue queue) {
    boolean gave = false;
    boolean waits = false;
    queue.beginTaking();
    synchronized (input) {
      for (int i = 0; !waits && input.lengthBytes() > 0 && i < BUFFERS_A_STEP; i++) {
        if (queue.take(receiveChain)) {
          int count = (int) Math.min(input.lengthBytes(), receiveChain.writableBytes());
          input.take(receiveChain, 0, count);
          queue.complete(receiveChain, count);
          gave = true;
        } else {
          waits = true;
        }
      }
    }
    if (gave) {
      inputSpace.run();
    }
    return waits ? queue.endTaking() : gave;
  }

  private boolean transmit(Virtqueue queue) {
    queue.beginTaking();
    for (int i = 0; !held && i < BUFFERS_A_STEP; i++) {
      if (!queue.take(transmitChain)) {
        return queue.endTaking();
      }
      if (giveToSink()) {
        takenOfNext = 0;
        queue.complete(transmitChain, 0);
      } else {
        queue.putBack(transmitChain);
      }
    }
    return !held;
  }

  /** Gives the rest of a buffer away; false if the sink does not take all of it now. */
  private boolean giveToSink() {
    for (int count = next(); count > 0; count = next()) {
      held = true;
      int taken = sink.take(batch, count);
      takenOfNext += taken;
      if (taken < count) {
        return false;
      }
      held = false;
    }
    return true;
  }

  private int next() {
    return transmitChain.read(takenOfNext, batch, 0, BATCH_BYTES);
  }

  private boolean sendControl(Virtqueue queue) {
    queue.beginTaking();
    for (int i = 0; i < BUFFERS_A_STEP && control.isOwed(); i++) {
      if (!queue.take(controlInChain)) {
        return queue.endTaking();
      }
      int length = control.next(size.get());
      queue.complete(controlInChain, controlInChain.write(0, control.bytes(), 0, length));
    }
    return control.isOwed();
  }

  private boolean takeControl(Virtqueue queue) {
    queue.beginTaking();
    for (int i = 0; i < BUFFERS_A_STEP; i++) {
      if (!queue.take(controlOutChain)) {
        return queue.endTaking();
      }
      if (control.take(controlOutChain)) {
        opened(control.isOpen());
      }
      queue.complete(controlOutChain, 0);
      transport.wake(CONTROL_RECEIVE);
    }
    return true;
  }

  @Override
  public void save(StateWriter out) {
    out.writeInt(size.get());
    out.writeBoolean(open);
    out.writeLong(takenOfNext);
    control.save(out);
    synchronized (input) {
      input.save(out);
    }
  }

  @Override
  public void restore(StateReader in) {
    size.set(in.readInt());
    open = in.readBoolean();
    takenOfNext = Math.max(0, in.readLong());
    control.restore(in);
    synchronized (input) {
      input.restore(in);
    }
  }
}
