package dev.ringzero.control.network;

import dev.ringzero.control.process.Linger;
import dev.ringzero.control.process.ProcessDirectory;
import dev.ringzero.control.protocol.Json;
import dev.ringzero.control.protocol.Json.MalformedJsonException;
import dev.ringzero.control.protocol.MessageChannel;
import dev.ringzero.network.switching.Switch;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;

/**
 * The process of one switch. Other processes of the user ask it by lines of JSON at its socket;
 * behind the answer to {@code join} a connection carries packets. A switch that was not created by
 * a user ends some seconds after its last port has gone.
 */
public final class SwitchServer implements AutoCloseable {
  private static final long FLOODS_A_SECOND = 10_000;

  private final ProcessDirectory directory;
  private final String name;
  private final ServerSocketChannel listener;
  private final SwitchRequests requests;
  private final SwitchLoop loop;
  private final CountDownLatch end = new CountDownLatch(1);
  private final Linger linger;
  private final HostTime clock = new HostTime();
  private final Set<SocketChannel> clients = ConcurrentHashMap.newKeySet();

  /**
   * Makes the switch and lets it serve.
   *
   * @param kept whether it stays without ports
   * @throws IOException with a message for the user
   */
  public SwitchServer(ProcessDirectory directory, String name, boolean kept) throws IOException {
    this.directory = directory;
    this.name = name;
    Switch lan = new Switch(clock, FLOODS_A_SECOND);
    loop = new SwitchLoop("switch-" + name, lan, ports -> linger().usersChanged());
    requests = new SwitchRequests(name, lan, new Uplinks(name, lan, clock), this);
    linger = new Linger(directory, name, requests::cards, this::finish, kept);
    listener = directory.listen(name);
    Thread.ofVirtual().name("accept").start(this::accept);
    linger.usersChanged();
  }

  /** Waits until the switch is to end. */
  public void await() throws InterruptedException {
    end.await();
  }

  private Linger linger() {
    return linger;
  }

  SwitchLoop loop() {
    return loop;
  }

  /** Lets the switch stay when its last port has gone. */
  void keep() {
    linger.keep();
  }

  boolean isKept() {
    return linger.isKept();
  }

  /** Ends the switch. */
  void finish() {
    end.countDown();
  }

  private void accept() {
    try {
      while (true) {
        SocketChannel channel = listener.accept();
        Thread.ofVirtual().name("client").start(() -> serve(channel));
      }
    } catch (IOException e) {
      finish();
    }
  }

  private void serve(SocketChannel connection) {
    clients.add(connection);
    MessageChannel channel = new MessageChannel(connection);
    boolean mine = true;
    try {
      while (mine && listener.isOpen()) {
        String line = channel.readLine();
        if (line == null) {
          break;
        }
        mine = answer(channel, connection, line);
      }
    } catch (IOException e) {
      // The client went away.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      clients.remove(connection);
      if (mine) {
        close(connection);
      }
    }
  }

  /** False when the connection has become the loop's. */
  private boolean answer(MessageChannel channel, SocketChannel connection, String line)
      throws IOException, InterruptedException {
    try {
      return requests.answer(Json.read(line), channel, connection);
    } catch (MalformedJsonException | IllegalArgumentException e) {
      channel.write(Map.of("error", e.getMessage()));
    } catch (RuntimeException e) {
      channel.write(Map.of("error", e.toString()));
    }
    return true;
  }

  private static void close(SocketChannel connection) {
    try {
      connection.close();
    } catch (IOException e) {
      // It is gone either way.
    }
  }

  @Override
  public void close() throws IOException {
    directory.forget(name);
    listener.close();
    clients.forEach(SwitchServer::close);
    loop.close();
    requests.close();
    linger.close();
    clock.close();
  }
}
