package dev.ringzero.network.nat;

import dev.ringzero.engine.Clock;
import dev.ringzero.engine.Entropy;
import dev.ringzero.engine.wire.Offloads;
import dev.ringzero.engine.wire.Packet;
import dev.ringzero.network.PacketQueue;
import dev.ringzero.network.Port;
import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;

/**
 * The network that a guest has by default: it gets an address, a gateway and a name server, and
 * reaches the world through the host's sockets; no root. One thread does all of it.
 *
 * <p>Not modelled: IPv6. Guests get no address of it, and programs take IPv4 at once.
 */
public final class Nat implements Port {
  /** The longest packet of the network. */
  public static final int MTU = NatNetwork.MTU;

  private static final int QUEUE_PACKETS = 1 << 10;
  private static final int QUEUE_BYTES = 1 << 20;
  private static final int FRAMES_A_TURN = 256;
  private static final long TICK_MILLIS = 100;
  private static final long TICK_NANOS = TICK_MILLIS * 1_000_000;

  private final Clock clock;
  private final NatCounters counters = new NatCounters();
  private final PacketQueue fromGuest = new PacketQueue(QUEUE_PACKETS, QUEUE_BYTES);
  private final PacketQueue toGuest = new PacketQueue(QUEUE_PACKETS, QUEUE_BYTES);
  private final Selector selector;
  private final GuestSide guests;
  private final UdpFlows udp;
  private final TcpFlows tcp;
  private final EchoRelay echo;
  private final PacketInput input;
  private final List<Publisher> publishers = new ArrayList<>();
  private final Thread thread;
  private volatile boolean closed;
  private volatile boolean full;
  private boolean waitsForRoom;
  private long nextTickNanos;

  /**
   * Makes the network and lets it run.
   *
   * @param name of its thread
   * @throws IOException if a port cannot be published, with a message for the user
   */
  public Nat(String name, NatSettings settings, Clock clock, Entropy entropy) throws IOException {
    this.clock = clock;
    selector = Selector.open();
    guests = new GuestSide(toGuest, counters);
    Reachability reachability = new Reachability(settings);
    IcmpErrors errors = new IcmpErrors(guests);
    echo = new EchoRelay(guests, counters, selector::wakeup);
    udp = new UdpFlows(clock, selector, reachability, guests, counters, errors);
    tcp = new TcpFlows(clock, entropy, selector, reachability, guests, counters);
    EchoResponder responder = new EchoResponder(guests, counters, reachability, echo);
    input = new PacketInput(clock, guests, counters, udp, tcp, responder, errors);
    try {
      for (PublishedPort port : settings.published()) {
        publishers.add(new Publisher(port, selector, tcp, counters));
      }
    } catch (IOException e) {
      closeChannels();
      throw e;
    }
    fromGuest.onArrival(selector::wakeup);
    thread = Thread.ofPlatform().name(name).daemon().start(this::run);
  }

  @Override
  public void send(Packet packet) {
    fromGuest.offer(packet);
  }

  @Override
  public Packet receive() {
    Packet packet = toGuest.poll();
    if (full && toGuest.hasRoom(QUEUE_PACKETS / 2, QUEUE_BYTES / QUEUE_PACKETS)) {
      full = false;
      selector.wakeup();
    }
    return packet;
  }

  @Override
  public void accept(Offloads offloads) {
    guests.accept(offloads);
  }

  @Override
  public void onArrival(Runnable listener) {
    toGuest.onArrival(listener);
  }

  public NatCounters counters() {
    return counters;
  }

  /** The host's ports that lead into the guest, in the order of the settings. */
  public List<Integer> hostPorts() {
    return publishers.stream().map(Publisher::hostPort).toList();
  }

  private void run() {
    try {
      while (!closed) {
        turn();
      }
    } catch (IOException e) {
      System.getLogger(Nat.class.getName())
          .log(System.Logger.Level.ERROR, "the NAT network has ended: " + e, e);
    } finally {
      tcp.close();
      echo.close();
      closeChannels();
    }
  }

  private void turn() throws IOException {
    select();
    for (SelectionKey key : selector.selectedKeys()) {
      ready(key);
    }
    selector.selectedKeys().clear();
    for (int i = 0; i < FRAMES_A_TURN; i++) {
      Packet packet = fromGuest.poll();
      if (packet == null) {
        break;
      }
      take(packet);
    }
    echo.deliver();
    tick();
  }

  private void take(Packet packet) {
    try {
      input.input(packet);
    } catch (RuntimeException e) {
      counters.fault(e);
    } finally {
      packet.release();
    }
  }

  private void ready(SelectionKey key) {
    HostEvents events = (HostEvents) key.attachment();
    try {
      if (key.isValid()) {
        events.ready(key);
      }
    } catch (RuntimeException e) {
      counters.fault(e);
      events.abandon();
    }
  }

  private void select() throws IOException {
    if (!fromGuest.isEmpty()) {
      selector.selectNow();
    } else if (tcp.isEmpty() && udp.isEmpty() && input.isIdle()) {
      selector.select();
    } else {
      selector.select(TICK_MILLIS);
    }
  }

  /** Also continues what waited for room in the guest's queue. */
  private void tick() {
    boolean crowded = !guests.hasRoom();
    long now = clock.nanoTime();
    if (now - nextTickNanos >= 0 || resumes()) {
      nextTickNanos = now + TICK_NANOS;
      tcp.tick();
      udp.expire();
      input.expire();
    }
    waitsForRoom = crowded || !guests.hasRoom();
    full = waitsForRoom;
  }

  private boolean resumes() {
    return waitsForRoom && guests.hasRoom();
  }

  private void closeChannels() {
    for (SelectionKey key : selector.keys()) {
      HostChannels.close(key.channel());
    }
    HostChannels.close(selector);
  }

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
}
