package dev.ringzero.network.remote;

import dev.ringzero.engine.wire.Packet;
import dev.ringzero.network.PacketQueue;
import dev.ringzero.network.Port;
import java.io.IOException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A port of a switch in another process. When that process ends, the card sees its cable pulled;
 * when there is a switch again, the cable is back.
 */
public final class RemotePort implements Port {
  private static final int QUEUE_PACKETS = 1 << 10;
  private static final int QUEUE_BYTES = 1 << 20;
  private static final long AGAIN_MILLIS = 1000;

  /** How to reach the switch: a connection on which packets may flow at once. */
  @FunctionalInterface
  public interface Connector {
    SocketChannel connect() throws IOException;
  }

  private final Connector connector;
  private final Selector selector;
  private final PacketQueue toSwitch = new PacketQueue(QUEUE_PACKETS, QUEUE_BYTES);
  private final PacketQueue toCard = new PacketQueue(QUEUE_PACKETS, QUEUE_BYTES);
  private final ReentrantLock writing = new ReentrantLock();
  private final Thread thread;
  private volatile PacketStream stream;
  private volatile SelectionKey key;
  private volatile boolean blocked;
  private volatile boolean closed;
  private volatile CarrierListener carrier = up -> {};

  /**
   * Makes a port that is connected already.
   *
   * @param name of its thread
   * @param channel that the connector gave
   */
  public RemotePort(String name, SocketChannel channel, Connector connector) throws IOException {
    this.connector = connector;
    selector = Selector.open();
    attach(channel);
    thread = Thread.ofPlatform().name(name).daemon().start(this::run);
  }

  private void attach(SocketChannel channel) throws IOException {
    channel.configureBlocking(false);
    key = channel.register(selector, SelectionKey.OP_READ);
    blocked = false;
    stream = new PacketStream(channel);
  }

  @Override
  public void send(Packet packet) {
    if (toSwitch.offer(packet) && !blocked) {
      flush();
    }
  }

  /** Writes what it can, unless another thread does so already. */
  private void flush() {
    while (!toSwitch.isEmpty() && writing.tryLock()) {
      try {
        PacketStream to = stream;
        if (to == null) {
          toSwitch.clear();
          return;
        }
        blocked = !to.write(toSwitch);
        if (blocked) {
          key.interestOpsOr(SelectionKey.OP_WRITE);
          selector.wakeup();
          return;
        }
      } catch (IOException | CancelledKeyException e) {
        // The reading thread sees the same, and mends it.
        toSwitch.clear();
        return;
      } finally {
        writing.unlock();
      }
    }
  }

  private void run() {
    do {
      try {
        exchange();
      } catch (IOException e) {
        // As if the other end had closed.
      }
      lose();
      connectAgain();
    } while (!closed);
  }

  private void exchange() throws IOException {
    PacketStream from = stream;
    while (!closed && from != null) {
      selector.select();
      selector.selectedKeys().clear();
      if (key.isValid() && key.isWritable()) {
        key.interestOpsAnd(~SelectionKey.OP_WRITE);
        blocked = false;
        resume();
      }
      if (!from.read(toCard::offer)) {
        return;
      }
    }
  }

  /** Goes on after the socket was full; whoever writes now has seen that it is not. */
  private void resume() {
    writing.lock();
    try {
      PacketStream to = stream;
      if (to != null) {
        blocked = !to.write(toSwitch);
        if (blocked) {
          key.interestOpsOr(SelectionKey.OP_WRITE);
        }
      }
    } catch (IOException e) {
      toSwitch.clear();
    } finally {
      writing.unlock();
    }
  }

  private void lose() {
    writing.lock();
    PacketStream was = stream;
    try {
      stream = null;
      if (was != null) {
        was.channel().close();
        selector.selectNow();
      }
    } catch (IOException e) {
      // It is gone either way.
    } finally {
      writing.unlock();
    }
    toSwitch.clear();
    if (!closed) {
      carrier.carrier(false);
    }
  }

  private void connectAgain() {
    while (!closed && stream == null) {
      try {
        Thread.sleep(AGAIN_MILLIS);
        SocketChannel channel = connector.connect();
        if (channel != null) {
          attach(channel);
          carrier.carrier(true);
        }
      } catch (IOException e) {
        // Not yet.
      } catch (InterruptedException e) {
        break;
      }
    }
    if (closed) {
      lose();
    }
  }

  @Override
  public Packet receive() {
    return toCard.poll();
  }

  @Override
  public void onArrival(Runnable listener) {
    toCard.onArrival(listener);
  }

  @Override
  public void onCarrier(CarrierListener listener) {
    carrier = listener;
    listener.carrier(stream != null);
  }

  @Override
  public void close() {
    closed = true;
    selector.wakeup();
    thread.interrupt();
    try {
      thread.join();
      selector.close();
    } catch (IOException e) {
      // It is gone either way.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    toCard.clear();
  }
}
