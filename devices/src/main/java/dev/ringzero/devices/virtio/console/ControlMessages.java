package dev.ringzero.devices.virtio.console;

import static dev.ringzero.devices.virtio.console.ConsoleProtocol.*;

import dev.ringzero.devices.virtio.queue.DescriptorChain;
import dev.ringzero.engine.state.StateReader;
import dev.ringzero.engine.state.StateWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * What device and driver say of the port. Whatever a driver says, what it is owed is at most one
 * message of each kind.
 */
final class ControlMessages {
  private static final int ADD = 1 << 0;
  private static final int CONSOLE = 1 << 1;
  private static final int SIZE = 1 << 2;
  private static final int OPEN = 1 << 3;
  private static final int ALL = ADD | CONSOLE | SIZE | OPEN;
  private static final int RESIZE_BYTES = CONTROL_BYTES + 4;

  private final byte[] taken = new byte[CONTROL_BYTES];
  private final ByteBuffer incoming = ByteBuffer.wrap(taken).order(ByteOrder.LITTLE_ENDIAN);
  private final ByteBuffer outgoing =
      ByteBuffer.allocate(RESIZE_BYTES).order(ByteOrder.LITTLE_ENDIAN);

  private int owed;
  private boolean portReady;
  private boolean open;

  synchronized boolean isOwed() {
    return owed != 0;
  }

  synchronized boolean isOpen() {
    return open;
  }

  /** The terminal has another size, of which a driver that knows the port is told. */
  synchronized void resized() {
    owed |= portReady ? SIZE : 0;
  }

  synchronized void clear() {
    owed = 0;
    portReady = false;
    open = false;
  }

  /** Takes a message of the driver; says whether the port was opened or closed. */
  synchronized boolean take(DescriptorChain chain) {
    if (chain.read(0, taken, 0, CONTROL_BYTES) < CONTROL_BYTES) {
      return false;
    }
    boolean yes = incoming.getShort(6) != 0;
    int event = incoming.getShort(4) & 0xFFFF;
    if (event == VIRTIO_CONSOLE_DEVICE_READY) {
      owed |= yes ? ADD : 0;
    } else if (incoming.getInt(0) == 0 && event == VIRTIO_CONSOLE_PORT_READY) {
      portReady = yes;
      owed = yes ? owed | CONSOLE | SIZE | OPEN : owed & ADD;
    } else if (incoming.getInt(0) == 0 && event == VIRTIO_CONSOLE_PORT_OPEN) {
      open = yes;
      return true;
    }
    return false;
  }

  byte[] bytes() {
    return outgoing.array();
  }

  /** Puts the next message that is owed; returns its length. */
  synchronized int next(int size) {
    int which = Integer.lowestOneBit(owed);
    owed &= ~which;
    int event =
        switch (which) {
          case ADD -> VIRTIO_CONSOLE_DEVICE_ADD;
          case CONSOLE -> VIRTIO_CONSOLE_CONSOLE_PORT;
          case SIZE -> VIRTIO_CONSOLE_RESIZE;
          default -> VIRTIO_CONSOLE_PORT_OPEN;
        };
    outgoing.putInt(0, 0).putShort(4, (short) event).putShort(6, (short) 1);
    if (which != SIZE) {
      return CONTROL_BYTES;
    }
    // Columns first. Linux read rows first until 2025, which it mended in its stable kernels too.
    outgoing.putShort(8, (short) size).putShort(10, (short) (size >>> 16));
    return RESIZE_BYTES;
  }

  synchronized void save(StateWriter out) {
    out.writeInt(owed);
    out.writeBoolean(portReady);
    out.writeBoolean(open);
  }

  synchronized void restore(StateReader in) {
    owed = in.readInt() & ALL;
    portReady = in.readBoolean();
    open = in.readBoolean();
  }
}
