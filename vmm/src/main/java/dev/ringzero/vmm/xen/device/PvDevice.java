package dev.ringzero.vmm.xen.device;

import dev.ringzero.engine.Agent;
import dev.ringzero.engine.AgentRunner;
import dev.ringzero.vmm.xen.store.Store;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The monitor's half of a device. Both halves show in the store how far they are, and follow each
 * other: the guest offers rings and an event channel, this half connects, and lets go when the
 * guest closes or begins anew.
 *
 * @spec Xen public/io/xenbus.h
 */
abstract class PvDevice implements Agent {
  private static final int INITIALISING = 1;
  private static final int INIT_WAIT = 2;
  private static final int INITIALISED = 3;
  private static final int CONNECTED = 4;
  private static final int CLOSING = 5;
  private static final int CLOSED = 6;

  final Store store;
  final Grants grants;
  final String front;
  final String back;
  private final List<Integer> mapped = new ArrayList<>();
  private Grants.Channel channel;
  private AgentRunner.Waker waker;
  private int state = CLOSED;
  private boolean broken;
  private volatile boolean theyMoved;

  /**
   * Makes a device and shows it in the store.
   *
   * @param kind such as vbd
   * @param number of the device among its kind
   */
  PvDevice(Store store, Grants grants, String kind, int number) {
    this.store = store;
    this.grants = grants;
    front = Store.HOME + "/device/" + kind + "/" + number;
    back = "/local/domain/0/backend/" + kind + "/1/" + number;
  }

  /** Shows the device, once what a driver needs to know of it is in the store. */
  final void show(AgentRunner runner, String name) {
    waker = runner.add(name, this);
    store.write(back + "/frontend", front);
    store.write(back + "/frontend-id", "1");
    store.write(back + "/online", "1");
    state(INIT_WAIT);
    store.give(front, "");
    store.give(front + "/backend", back);
    store.give(front + "/backend-id", "0");
    store.give(front + "/state", Integer.toString(INITIALISING));
    store.listen(front + "/state", path -> moved());
  }

  private void moved() {
    theyMoved = true;
    wake();
  }

  final void wake() {
    waker.wake();
  }

  private void state(int next) {
    state = next;
    store.write(back + "/state", Integer.toString(next));
  }

  @Override
  public final boolean step() {
    if (theyMoved) {
      theyMoved = false;
      follow(store.number(front + "/state").orElse(0));
    }
    if (state != CONNECTED || broken) {
      return false;
    }
    boolean more = work();
    if (isBroken()) {
      broken = true;
      store.write(back + "/error", "the ring is out of bounds");
      return false;
    }
    return more;
  }

  private void follow(int theirs) {
    switch (theirs) {
      case INITIALISING -> {
        if (state != INIT_WAIT) {
          disconnect();
          state(INIT_WAIT);
        }
      }
      case INITIALISED, CONNECTED -> {
        if (state == INIT_WAIT) {
          if (connect()) {
            state(CONNECTED);
          } else {
            disconnect();
            store.write(back + "/error", "what the driver offers cannot be used");
            state(CLOSING);
          }
        }
      }
      case CLOSING, CLOSED -> {
        if (state != theirs) {
          disconnect();
          state(theirs);
        }
      }
      default -> {} // the driver has not said
    }
  }

  private void disconnect() {
    broken = false;
    if (channel != null) {
      channel.close();
      channel = null;
    }
    release();
    mapped.forEach(grants::unmap);
    mapped.clear();
  }

  /** Takes what the driver has written into the store into use; false if it is no good. */
  abstract boolean connect();

  /** Does what there is to do; whether there may be more. */
  abstract boolean work();

  /** Whether a ring is out of bounds. */
  abstract boolean isBroken();

  /** Forgets rings, which are no more. */
  abstract void release();

  /** The ring whose reference the driver has written; empty if that cannot be used. */
  final Optional<SharedRing> ring(String node, int entryBytes) {
    Optional<Integer> reference = store.number(front + "/" + node);
    long page = reference.isEmpty() ? -1 : grants.map(reference.get());
    if (page < 0) {
      return Optional.empty();
    }
    mapped.add(reference.get());
    return Optional.of(new SharedRing(page, entryBytes));
  }

  /** Connects to the channel that the driver has made; false if there is none. */
  final boolean openChannel() {
    Optional<Integer> port = store.number(front + "/event-channel");
    channel = port.isEmpty() ? null : grants.connect(port.get(), waker::wake);
    return channel != null;
  }

  final void signal() {
    channel.signal();
  }
}
