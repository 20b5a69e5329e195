package dev.ringzero.control.network;

import dev.ringzero.engine.Clock;
import dev.ringzero.engine.Entropy;
import dev.ringzero.network.MacAddress;
import dev.ringzero.network.NetworkAttachment;
import dev.ringzero.network.Port;
import dev.ringzero.network.switching.EmbeddedSwitch;
import dev.ringzero.network.switching.Switch;
import dev.ringzero.network.switching.VlanMode;
import dev.ringzero.vmm.machine.CardConfiguration;
import dev.ringzero.vmm.machine.CardModel;
import dev.ringzero.vmm.machine.SharedController;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.IntStream;

/**
 * A network card with virtual functions that belongs to a host: each function is given to one
 * machine, whose devices then are the only ones that reach it, or the whole card is. A switch
 * inside connects the functions and the cable to the network; it keeps each to its own address.
 *
 * <p>Not modelled: VLANs of functions, rates.
 */
public final class SharedNic implements AutoCloseable {
  /** The number that stands for the physical function, and so for the whole card. */
  public static final int PHYSICAL = -1;

  private final String name;
  private final HostTime clock = new HostTime();
  private final EmbeddedSwitch inside;
  private final CardModel model;
  private final Optional<SharedController> controller;

  /** Who has the functions; null for a free one. */
  private final Owner[] owners;

  private Owner owner;

  /** Functions that the machine with the whole card has made and lent to others. */
  private final BitSet lent = new BitSet();

  /**
   * Makes the card and plugs it into a network.
   *
   * @param functions how many virtual functions it has, 1 to 7
   * @param network empty for a card whose functions reach each other alone
   * @throws IOException with a message for the user
   */
  public SharedNic(String name, int functions, Optional<NetworkAttachment> network, Entropy entropy)
      throws IOException {
    this(name, functions, CardModel.VIRTIO, network, entropy);
  }

  /**
   * Makes the card and plugs it into a network.
   *
   * @param model what machines take its functions for
   * @param network empty for a card whose functions reach each other alone
   * @throws IOException with a message for the user
   */
  public SharedNic(
      String name,
      int functions,
      CardModel model,
      Optional<NetworkAttachment> network,
      Entropy entropy)
      throws IOException {
    this.name = name;
    this.model = model;
    owners = new Owner[functions];
    NetworkAttachment outside = network.orElse(new Nothing());
    NetworkAttachment.Card cable =
        new NetworkAttachment.Card(name, "nic", MacAddress.of(name), outside.mtu());
    inside = new EmbeddedSwitch(outside, cable, word(PHYSICAL), clock, entropy);
    controller =
        model == CardModel.INTEL_82576 ? Optional.of(controller(entropy)) : Optional.empty();
  }

  private SharedController controller(Entropy entropy) {
    long mac = macOf(PHYSICAL);
    NetworkAttachment.Card card =
        new NetworkAttachment.Card(name, word(PHYSICAL), mac, inside.mtu());
    return new SharedController(
        name,
        mac,
        IntStream.range(0, owners.length).mapToLong(this::macOf).toArray(),
        inside.mtu(),
        inside.open(card, clock, entropy),
        clock);
  }

  /** What machines take its functions for. */
  public CardModel model() {
    return model;
  }

  /** A function: the machine that has it is null where nobody does. */
  public record Function(int number, String mac, String machine) {}

  /** Who has a function: a machine, which knows it as this device. */
  public record Owner(String machine, String device) {}

  public synchronized List<Function> functions() {
    List<Function> all = new ArrayList<>();
    all.add(function(PHYSICAL, owner));
    for (int number = 0; number < owners.length; number++) {
      all.add(function(number, owners[number]));
    }
    return all;
  }

  private Function function(int number, Owner of) {
    return new Function(number, MacAddress.format(macOf(number)), of == null ? null : of.machine());
  }

  /** Who has the whole card. */
  synchronized Optional<Owner> holder() {
    return Optional.ofNullable(owner);
  }

  synchronized boolean isLent(int number) {
    return lent.get(number);
  }

  /** Lets a function be others' although a machine has the whole card, or no longer. */
  synchronized void lent(int number, boolean others) {
    lent.set(number, others);
  }

  /** Whether a guest that has the whole card keeps the functions that it makes. */
  boolean keepsItsFunctions() {
    return controller.isPresent();
  }

  /** Who has a virtual function. */
  synchronized Optional<Owner> owner(int number) {
    return Optional.ofNullable(owners[number]);
  }

  /**
   * Waits until nobody has a virtual function.
   *
   * @return whether that is so
   */
  synchronized boolean awaitFree(int number, long timeoutMillis) throws InterruptedException {
    long deadline = System.nanoTime() + timeoutMillis * 1_000_000;
    while (owners[number] != null) {
      long leftMillis = (deadline - System.nanoTime()) / 1_000_000;
      if (leftMillis <= 0) {
        return false;
      }
      wait(leftMillis);
    }
    return true;
  }

  /** The network in a few words. */
  public String description() {
    return inside.description();
  }

  private long macOf(int number) {
    return MacAddress.of(name + ":" + word(number));
  }

  static String word(int number) {
    return number == PHYSICAL ? "pf" : "vf" + number;
  }

  /**
   * A card of a machine that is this function. It is the machine's from when it is plugged in until
   * the machine ends.
   *
   * @throws IOException if there is no such function, with a message for the user
   */
  public CardConfiguration card(int number) throws IOException {
    return card(number, Optional.empty());
  }

  /**
   * A card of a machine that is this function.
   *
   * @param address what our own guest gives itself there
   */
  public CardConfiguration card(int number, Optional<String> address) throws IOException {
    check(number);
    return new CardConfiguration(
        attachment(number),
        OptionalLong.of(macOf(number)),
        OptionalInt.empty(),
        OptionalInt.empty(),
        address,
        number == PHYSICAL ? owners.length : 0,
        model);
  }

  private NetworkAttachment attachment(int number) {
    OneFunction function = new OneFunction(number);
    return controller.isPresent() && number != PHYSICAL
        ? controller.get().function(number, function)
        : function;
  }

  /** Refuses a number that no function has. */
  void check(int number) throws IOException {
    if (number >= owners.length) {
      throw new IOException(
          "%s has no vf%d: its virtual functions are vf0 to vf%d"
              .formatted(name, number, owners.length - 1));
    }
  }

  private synchronized void take(int number, Owner taker) throws IOException {
    Owner holder = number == PHYSICAL ? holderOfAny() : owners[number];
    if (holder == null && number != PHYSICAL && !lent.get(number)) {
      holder = owner;
    }
    if (holder != null) {
      throw new IOException(
          "%s:%s is not free: %s has %s"
              .formatted(
                  name,
                  word(number),
                  holder.machine(),
                  holder.equals(owner) ? "the whole card" : "a function"));
    }
    if (number == PHYSICAL) {
      owner = taker;
    } else {
      owners[number] = taker;
    }
  }

  private Owner holderOfAny() {
    for (Owner holder : owners) {
      if (holder != null) {
        return holder;
      }
    }
    return owner;
  }

  private synchronized void release(int number) {
    if (number == PHYSICAL) {
      owner = null;
      lent.clear();
    } else {
      owners[number] = null;
    }
    notifyAll();
  }

  @Override
  public void close() {
    controller.ifPresent(SharedController::close);
    inside.close();
    clock.close();
  }

  /** What a machine plugs its card into that is one of the functions. */
  private final class OneFunction implements NetworkAttachment {
    private final int number;

    OneFunction(int number) {
      this.number = number;
    }

    @Override
    public Port open(Card card, Clock machineClock, Entropy entropy) throws IOException {
      take(number, new Owner(card.machine(), card.name()));
      if (controller.isPresent() && number != PHYSICAL) {
        return new OwnedPort(new Nothing().open(card, clock, entropy), () -> release(number));
      }
      Card function = new Card(card.machine(), word(number), card.mac(), card.mtu());
      return new OwnedPort(inside.open(function, clock, entropy), () -> release(number));
    }

    @Override
    public int mtu() {
      return inside.mtu();
    }

    @Override
    public boolean isMovable() {
      return number != PHYSICAL;
    }

    @Override
    public String description() {
      return name + ":" + word(number);
    }
  }

  /** A cable that leads nowhere. */
  private static final class Nothing implements NetworkAttachment {
    private static final int MTU = 1500;
    private static final VlanMode UNTAGGED = new VlanMode.Access(1);

    @Override
    public Port open(Card card, Clock clock, Entropy entropy) {
      return new Switch(clock, 0).open("nothing", UNTAGGED);
    }

    @Override
    public int mtu() {
      return MTU;
    }

    @Override
    public String description() {
      return "none";
    }
  }
}
