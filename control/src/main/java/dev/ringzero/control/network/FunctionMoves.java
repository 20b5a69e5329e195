package dev.ringzero.control.network;

import dev.ringzero.control.run.GuestRun;
import dev.ringzero.images.ImageException;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Function;

/** Moves virtual functions of a card from one machine to another while both run. */
public final class FunctionMoves {
  private static final long PATIENCE_MILLIS = 20_000;

  private final SharedNic nic;
  private final Function<String, Optional<GuestRun>> machines;

  /**
   * Moves functions of a card.
   *
   * @param machines finds those that run in the card's process, by name
   */
  public FunctionMoves(SharedNic nic, Function<String, Optional<GuestRun>> machines) {
    this.nic = nic;
    this.machines = machines;
  }

  /**
   * Takes a virtual function from the machine that has it, if one has, and gives it to another.
   *
   * @param target the other machine; empty for nobody
   * @param now without asking the guest that has it
   * @return as which device the other machine has it; empty if nobody was to have it
   * @throws IOException with a message for the user
   */
  public synchronized Optional<String> move(int number, Optional<String> target, boolean now)
      throws IOException, InterruptedException {
    nic.check(number);
    if (number == SharedNic.PHYSICAL) {
      throw new IOException("the whole card stays with its machine: virtual functions move");
    }
    Optional<GuestRun> taker =
        target.isEmpty() ? Optional.empty() : Optional.of(running(target.get()));
    Optional<SharedNic.Owner> owner = nic.owner(number);
    Optional<SharedNic.Owner> maker = nic.holder();
    boolean back =
        maker.isPresent() && target.map(name -> name.equals(maker.get().machine())).orElse(true);
    if (maker.isPresent() && !back && !nic.isLent(number)) {
      borrow(maker.get(), number);
    }
    if (target.isPresent() && owner.isPresent() && owner.get().machine().equals(target.get())) {
      throw new IOException(target.get() + " has " + SharedNic.word(number) + " already");
    }
    try {
      if (owner.isPresent()) {
        takeFrom(owner.get(), number, now);
      }
      if (back) {
        giveBack(maker.get(), number);
        return target.map(name -> maker.get().device() + "'s " + SharedNic.word(number));
      }
      return taker.isEmpty()
          ? Optional.empty()
          : Optional.of(taker.get().insert(Optional.empty(), nic.card(number)));
    } catch (ImageException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /** A guest that has the whole card has made the function: it goes off that guest's bus. */
  private void borrow(SharedNic.Owner maker, int number) throws IOException {
    if (nic.keepsItsFunctions()) {
      throw new IOException(
          maker.machine() + " has the whole card, a 82576, and keeps the functions that it makes");
    }
    Optional<String> refusal =
        running(maker.machine())
            .machine()
            .lend(
                maker.device(),
                number,
                gone -> Thread.ofVirtual().name("revoke").start(() -> revoke(gone)));
    if (refusal.isPresent()) {
      throw new IOException(maker.machine() + " has the whole card, and " + refusal.get());
    }
    nic.lent(number, true);
  }

  private void giveBack(SharedNic.Owner maker, int number) throws IOException {
    nic.lent(number, false);
    running(maker.machine()).machine().takeBack(maker.device(), number);
  }

  /** The guest that made the function unmakes it: who has it loses it at once. */
  private synchronized void revoke(int number) {
    nic.lent(number, false);
    Optional<SharedNic.Owner> owner = nic.owner(number);
    if (owner.isPresent()) {
      try {
        running(owner.get().machine()).machine().remove(owner.get().device(), true);
      } catch (IOException | ImageException e) {
        // It has ended, or let go.
      }
    }
  }

  private GuestRun running(String name) throws IOException {
    return machines
        .apply(name)
        .orElseThrow(() ->
            new IOException(
                "no machine " + name + " runs in this process: rz host show lists them"));
  }

  private void takeFrom(SharedNic.Owner owner, int number, boolean now)
      throws IOException, InterruptedException {
    running(owner.machine()).machine().remove(owner.device(), now);
    if (!nic.awaitFree(number, PATIENCE_MILLIS)) {
      throw new IOException(
          "the guest of %s does not let go of %s; --now takes it without asking"
              .formatted(owner.machine(), owner.device()));
    }
  }
}
