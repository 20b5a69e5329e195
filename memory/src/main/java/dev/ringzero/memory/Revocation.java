package dev.ringzero.memory;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.concurrent.Semaphore;

/**
 * The rendezvous of those who use machine frames through cached translations: vCPUs, which register
 * as {@link User}s, and devices, whose pinned {@link Slices} are waited for (but for those that the
 * caller itself holds).
 *
 * <p>A user is inside (it may use its cached translations) or outside. It calls {@link User#poll()}
 * often while inside. A request is queued with each user; one that is outside serves it when it
 * enters, so nobody waits for it. Who waits serves its own requests meanwhile, so that several
 * callers cannot block each other.
 */
public final class Revocation implements Revoker {
  private final Pins pins;
  private volatile User[] users = {};
  private final Semaphore alone = new Semaphore(1);
  private volatile User exclusive;

  /** What a user must do when rights are taken away. */
  @FunctionalInterface
  public interface Listener {
    /** Drop cached translations to these frames; called on the user's own thread. */
    void revoked(long firstMfn, long count, int rights);
  }

  Revocation(Pins pins) {
    this.pins = pins;
  }

  /**
   * Registers a user, which is outside at first.
   *
   * @param signal called on any thread when the user should {@link User#poll()} soon
   */
  public synchronized User register(Listener listener, Runnable signal) {
    User user = new User(this, listener, signal);
    User[] more = Arrays.copyOf(users, users.length + 1);
    more[users.length] = user;
    users = more;
    return user;
  }

  /** How many have registered. */
  public int users() {
    return users.length;
  }

  @Override
  public void revoke(long firstMfn, long count, int rights) {
    revokeFromProcessors(firstMfn, count, rights);
    awaitDevices(firstMfn, count);
  }

  /** Waits until no other than the caller has pinned any of the frames. */
  void awaitDevices(long firstMfn, long count) {
    User self = caller();
    while (pins.heldByOthers(firstMfn, count)) {
      serveWhileWaiting(self);
    }
  }

  /** As {@link #revoke}, but devices that use the frames are not waited for. */
  void revokeFromProcessors(long firstMfn, long count, int rights) {
    User self = caller();
    if (self != null) {
      self.listener.revoked(firstMfn, count, rights);
    }
    User[] all = users;
    long[] tickets = all.length > 1 || self == null ? new long[all.length] : null;
    for (int i = 0; tickets != null && i < all.length; i++) {
      tickets[i] = all[i] == self ? 0 : all[i].post(firstMfn, count, rights);
    }
    for (int i = 0; tickets != null && i < all.length; i++) {
      while (!all[i].hasServed(tickets[i])) {
        serveWhileWaiting(self);
      }
    }
  }

  private static void serveWhileWaiting(User self) {
    if (self != null) {
      self.poll();
    }
    Thread.onSpinWait();
    Thread.yield();
  }

  private User caller() {
    Thread current = Thread.currentThread();
    for (User user : users) {
      if (user.thread == current) {
        return user;
      }
    }
    return null;
  }

  /** One vCPU. Its methods but the package's own are called by the thread that runs it. */
  public static final class User {
    private static final int FIRST_QUEUE = 32;
    private static final int LONGEST_QUEUE = 1024;
    private static final VarHandle ATTENTION;

    static {
      try {
        ATTENTION = MethodHandles.lookup().findVarHandle(User.class, "attention", boolean.class);
      } catch (ReflectiveOperationException e) {
        throw new ExceptionInInitializerError(e);
      }
    }

    private final Revocation revocation;
    private final Listener listener;
    private final Runnable signal;
    private volatile boolean inside;
    private volatile Thread thread;

    /** Something waits in the queue, or another user wants to be alone. */
    private boolean attention;

    // The queue, guarded by this object's monitor, apart from the count of requests served.
    private long[] first = new long[FIRST_QUEUE];
    private long[] frames = new long[FIRST_QUEUE];
    private int[] rights = new int[FIRST_QUEUE];
    private int queued;
    private long posted;
    private volatile long served;

    private User(Revocation revocation, Listener listener, Runnable signal) {
      this.revocation = revocation;
      this.listener = listener;
      this.signal = signal;
    }

    /** Before the first use of a cached translation. */
    public void enter() {
      thread = Thread.currentThread();
      comeIn();
    }

    private void comeIn() {
      while (true) {
        inside = true;
        User alone = revocation.exclusive;
        if (alone == null || alone == this) {
          break;
        }
        inside = false;
        Thread.onSpinWait();
        Thread.yield();
      }
      if ((boolean) ATTENTION.getVolatile(this)) {
        serve();
      }
    }

    /** After the last use of a cached translation. */
    public void leave() {
      inside = false;
      thread = null;
    }

    /** Whether {@link #poll()} would do anything. */
    public boolean isCalled() {
      return (boolean) ATTENTION.getOpaque(this);
    }

    /** Serves what others asked for meanwhile. Cheap; call it often while inside. */
    public void poll() {
      if (isCalled()) {
        attend();
      }
    }

    private void attend() {
      serve();
      User alone = revocation.exclusive;
      if (alone != null && alone != this) {
        inside = false;
        comeIn();
      }
    }

    /**
     * Waits until no other user is inside, and keeps them out until {@link #endExclusive()}. Cached
     * translations may be gone afterwards.
     */
    public void beginExclusive() {
      inside = false;
      revocation.alone.acquireUninterruptibly();
      revocation.exclusive = this;
      for (User user : revocation.users) {
        if (user != this) {
          user.callAttention();
          while (user.inside) {
            Thread.onSpinWait();
            Thread.yield();
          }
        }
      }
      comeIn();
    }

    public void endExclusive() {
      revocation.exclusive = null;
      revocation.alone.release();
    }

    private long post(long firstMfn, long count, int revokedRights) {
      if (revokedRights == 0) {
        VarHandle.fullFence(); // what the caller has changed before is seen by who comes in later
        if (!inside) {
          return 0;
        }
      }
      synchronized (this) {
        if (revokedRights != 0) {
          enqueue(firstMfn, count, revokedRights);
        }
        callAttention();
        return ++posted;
      }
    }

    private void enqueue(long firstMfn, long count, int revokedRights) {
      if (queued == first.length && queued < LONGEST_QUEUE) {
        first = Arrays.copyOf(first, 2 * queued);
        frames = Arrays.copyOf(frames, 2 * queued);
        rights = Arrays.copyOf(rights, 2 * queued);
      }
      if (queued < first.length) {
        first[queued] = firstMfn;
        frames[queued] = count;
        rights[queued] = revokedRights;
      }
      queued++;
    }

    private void callAttention() {
      ATTENTION.setVolatile(this, true);
      signal.run();
    }

    private boolean hasServed(long ticket) {
      return served >= ticket || !inside;
    }

    private synchronized void serve() {
      ATTENTION.setVolatile(this, false);
      if (queued > first.length) {
        listener.revoked(0, Long.MAX_VALUE, READ | WRITE | EXECUTE);
      } else {
        for (int i = 0; i < queued; i++) {
          listener.revoked(first[i], frames[i], rights[i]);
        }
      }
      queued = 0;
      served = posted;
    }
  }
}
