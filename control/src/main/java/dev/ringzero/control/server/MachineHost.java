package dev.ringzero.control.server;

import dev.ringzero.control.directory.ControlDirectory;
import dev.ringzero.control.directory.ControlDirectory.ListeningSocket;
import dev.ringzero.control.run.GuestRun;
import dev.ringzero.control.snapshot.Fork;
import dev.ringzero.control.snapshot.SnapshotException;
import dev.ringzero.vmm.schedule.PhysicalCpus;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The machines of this process, by name, each with its control socket. The first is the one for
 * which the process was started; others are copies that were made of it or of each other.
 */
public final class MachineHost implements AutoCloseable {
  private static final int MOST_COPIES = 1000;
  private static final int MOST_NAMES = 100_000;
  private static final int LONGEST_NAME = 40;

  private final ControlDirectory directory;
  private final PhysicalCpus cpus;
  private final Map<String, GuestRun> copies = new LinkedHashMap<>();
  private boolean closed;

  /**
   * A host of no machine yet.
   *
   * @param cpus what runs copies
   */
  public MachineHost(ControlDirectory directory, PhysicalCpus cpus) {
    this.directory = directory;
    this.cpus = cpus;
  }

  /** Lets others see and steer a machine that was started. */
  public void serve(ListeningSocket socket, GuestRun run) {
    new ControlServer(socket, run, this).start();
  }

  /** Names of copies that still run. */
  public synchronized List<String> copies() {
    return List.copyOf(copies.keySet());
  }

  /**
   * Makes copies of a running machine, and starts them.
   *
   * @param prefix of their names, with numbers behind it
   * @return their names
   * @throws SnapshotException if not all could be made; those that were made run
   */
  public List<String> fork(GuestRun run, int count, String prefix) {
    if (count < 1 || count > MOST_COPIES) {
      throw new SnapshotException("1 to %d copies, not %d".formatted(MOST_COPIES, count));
    }
    if (!ControlDirectory.isName(prefix + "-" + MOST_COPIES)) {
      throw new SnapshotException(
          "a name has up to %d letters, digits, dots, dashes and underscores, not %s-%d"
              .formatted(LONGEST_NAME, prefix, MOST_COPIES));
    }
    List<String> names = new ArrayList<>();
    try (Fork fork = Fork.of(run)) {
      while (names.size() < count) {
        names.add(start(fork, listen(prefix)));
      }
    }
    return names;
  }

  private ListeningSocket listen(String prefix) {
    for (int number = 1; number < MOST_NAMES; number++) {
      String name = prefix + "-" + number;
      if (!isTaken(name)) {
        try {
          return directory.listen(Optional.of(name));
        } catch (IOException e) {
          // Somebody else has that name: the next.
        }
      }
    }
    throw new SnapshotException("no free name for a copy");
  }

  private synchronized boolean isTaken(String name) {
    return copies.containsKey(name);
  }

  private String start(Fork fork, ListeningSocket socket) {
    String name = socket.name();
    GuestRun run;
    try {
      run = fork.make(name);
    } catch (RuntimeException e) {
      close(socket);
      throw e;
    }
    synchronized (this) {
      if (closed) {
        run.close();
        close(socket);
        throw new SnapshotException("this process ends");
      }
      copies.put(name, run);
    }
    run.start(cpus);
    serve(socket, run);
    Thread.ofVirtual().name(name + "-end").start(() -> awaitEnd(socket, run));
    return name;
  }

  private void awaitEnd(ListeningSocket socket, GuestRun run) {
    try {
      run.awaitEnd();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      run.close();
      close(socket);
      synchronized (this) {
        copies.remove(socket.name());
        notifyAll();
      }
    }
  }

  private static void close(ListeningSocket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // Who looks for a machine behind it removes it.
    }
  }

  /** Waits until the copies have ended. */
  public synchronized void awaitCopies() throws InterruptedException {
    while (!copies.isEmpty()) {
      wait();
    }
  }

  /** Ends all copies at once. */
  @Override
  public void close() {
    List<GuestRun> left;
    synchronized (this) {
      closed = true;
      left = List.copyOf(copies.values());
    }
    left.forEach(run -> run.machine().stop("closed"));
  }
}
