package dev.ringzero.control.network;

import dev.ringzero.network.PacketQueue;
import dev.ringzero.network.remote.PacketStream;
import dev.ringzero.network.switching.Switch;
import dev.ringzero.network.switching.SwitchPort;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntConsumer;

/** The one thread that moves packets between the sockets of a switch's ports. */
final class SwitchLoop implements AutoCloseable {
  private final Switch lan;
  private final Selector selector;
  private final IntConsumer portsChanged;
  private final Queue<Session> arriving = new ConcurrentLinkedQueue<>();
  private final Queue<Session> dirty = new ConcurrentLinkedQueue<>();
  private final Thread thread;
  private volatile boolean closed;

  /**
   * Makes the loop and lets it run.
   *
   * @param portsChanged is told how many ports there are after one came or went
   */
  SwitchLoop(String name, Switch lan, IntConsumer portsChanged) throws IOException {
    this.lan = lan;
    this.portsChanged = portsChanged;
    selector = Selector.open();
    thread = Thread.ofPlatform().name(name).daemon().start(this::run);
  }

  /** Lets packets flow between a connection and a port. */
  void add(SocketChannel channel, SwitchPort port) throws IOException {
    channel.configureBlocking(false);
    Session session = new Session(new PacketStream(channel), port);
    arriving.add(session);
    selector.wakeup();
    if (closed) {
      turnAway();
    }
  }

  private void run() {
    try (selector) {
      while (!closed) {
        selector.select();
        admit();
        for (SelectionKey key : selector.selectedKeys()) {
          ((Session) key.attachment()).ready(key);
        }
        selector.selectedKeys().clear();
        flush();
      }
      for (SelectionKey key : selector.keys()) {
        ((Session) key.attachment()).end();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      closed = true;
      turnAway();
    }
  }

  /** Ends the sessions that came too late for the loop. */
  private void turnAway() {
    for (Session session = arriving.poll(); session != null; session = arriving.poll()) {
      session.end();
    }
  }

  private void admit() {
    for (Session session = arriving.poll(); session != null; session = arriving.poll()) {
      session.begin();
    }
  }

  private void flush() {
    for (Session session = dirty.poll(); session != null; session = dirty.poll()) {
      session.marked.set(false);
      session.flush();
    }
  }

  /** Returns when every connection has ended. */
  @Override
  public void close() {
    closed = true;
    selector.wakeup();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** One port and its connection. */
  private final class Session {
    private final PacketStream stream;
    private final SwitchPort port;
    private final AtomicBoolean marked = new AtomicBoolean();
    private SelectionKey key;

    private Session(PacketStream stream, SwitchPort port) {
      this.stream = stream;
      this.port = port;
    }

    private void begin() {
      try {
        key = stream.channel().register(selector, SelectionKey.OP_READ, this);
        port.onArrival(this::mark);
      } catch (IOException e) {
        end();
      }
    }

    /** A packet came into the port's queue, by any thread. */
    private void mark() {
      if (marked.compareAndSet(false, true)) {
        dirty.add(this);
        if (Thread.currentThread() != thread) {
          selector.wakeup();
        }
      }
    }

    private void ready(SelectionKey selected) {
      try {
        if (!selected.isValid() || selected.isReadable() && !stream.read(port::send)) {
          end();
        } else if (selected.isWritable()) {
          flush();
        }
      } catch (IOException e) {
        end();
      }
    }

    private void flush() {
      try {
        PacketQueue queue = port.queue();
        boolean all = stream.write(queue);
        if (key.isValid()) {
          key.interestOps(SelectionKey.OP_READ | (all ? 0 : SelectionKey.OP_WRITE));
        }
      } catch (IOException e) {
        end();
      }
    }

    /** The other end went away, or sent what is no packet. */
    private void end() {
      try {
        stream.channel().close();
      } catch (IOException e) {
        // It is gone either way.
      }
      port.close();
      portsChanged.accept(lan.ports().size());
    }
  }
}
