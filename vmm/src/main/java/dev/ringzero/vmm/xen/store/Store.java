package dev.ringzero.vmm.xen.store;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The store of one paravirtual guest. A transaction works on a copy, which takes the place of the
 * tree if nobody else changed it meanwhile. Thread-safe.
 *
 * <p>Not modelled: permissions other than by owner, other guests.
 *
 * @spec Xen docs/misc/xenstore.txt
 */
public final class Store {
  /** The guest's own part. */
  public static final String HOME = "/local/domain/1";

  private static final int MOST_TRANSACTIONS = 10;
  private static final int NO_TRANSACTION = 0;

  final StoreWatches watches = new StoreWatches();
  private final Map<Integer, Transaction> transactions = new LinkedHashMap<>();
  private StoreTree tree = new StoreTree();
  private long changes;
  private int lastTransaction;
  private Runnable wake = () -> {};

  private static final class Transaction {
    final StoreTree tree;
    final long began;
    final Map<String, Boolean> changed = new LinkedHashMap<>();

    Transaction(StoreTree tree, long began) {
      this.tree = tree;
      this.began = began;
    }
  }

  /** What a guest may do in or outside a transaction. */
  @FunctionalInterface
  private interface Change {
    void on(StoreTree tree) throws StoreError;
  }

  /** Sets who is told that events may wait for the guest. */
  public synchronized void onEvents(Runnable sender) {
    wake = sender;
  }

  // --- the monitor's side

  /** Writes a node that the guest may only read. */
  public void write(String path, String value) {
    write(path, value, false);
  }

  /** Writes a node that is the guest's own. */
  public void give(String path, String value) {
    write(path, value, true);
  }

  private void write(String path, String value, boolean guests) {
    Runnable sender;
    synchronized (this) {
      tree.put(path, value.getBytes(StandardCharsets.ISO_8859_1), guests);
      changed(path, false);
      sender = wake;
    }
    sender.run();
  }

  /** Removes a node and all below it. */
  public void remove(String path) {
    Runnable sender;
    synchronized (this) {
      tree.drop(path);
      changed(path, true);
      sender = wake;
    }
    sender.run();
  }

  /** What a node holds, if there is one. */
  public synchronized Optional<String> read(String path) {
    try {
      return Optional.of(new String(tree.read(path), StandardCharsets.ISO_8859_1));
    } catch (StoreError e) {
      return Optional.empty();
    }
  }

  /** A node's number; empty if it has none that is not negative. */
  public Optional<Integer> number(String path) {
    return read(path).filter(text -> text.matches("[0-9]{1,9}")).map(Integer::valueOf);
  }

  /** Tells of changes at and below a path; the listener must not block, nor call the store. */
  public synchronized void listen(String path, Consumer<String> told) {
    watches.listen(path, told);
  }

  /** Whether the guest is told of changes of a node. */
  public synchronized boolean isWatched(String path) {
    return watches.isWatched(path);
  }

  private void changed(String path, boolean gone) {
    changes++;
    watches.changed(path, gone);
  }

  // --- the guest's side, under this object's monitor

  private StoreTree treeOf(int transaction) throws StoreError {
    if (transaction == NO_TRANSACTION) {
      return tree;
    }
    Transaction open = transactions.get(transaction);
    if (open == null) {
      throw new StoreError(StoreError.Name.ENOENT);
    }
    return open.tree;
  }

  byte[] read(int transaction, String path) throws StoreError {
    return treeOf(transaction).read(path);
  }

  List<String> children(int transaction, String path) throws StoreError {
    return treeOf(transaction).children(path);
  }

  boolean isGuests(int transaction, String path) throws StoreError {
    return treeOf(transaction).isGuests(path);
  }

  void write(int transaction, String path, byte[] value) throws StoreError {
    change(transaction, path, false, on -> on.write(path, value));
  }

  void make(int transaction, String path) throws StoreError {
    change(transaction, path, false, on -> on.make(path));
  }

  void remove(int transaction, String path) throws StoreError {
    change(transaction, path, true, on -> on.remove(path));
  }

  private void change(int transaction, String path, boolean gone, Change change) throws StoreError {
    change.on(treeOf(transaction));
    if (transaction == NO_TRANSACTION) {
      changed(path, gone);
    } else {
      transactions.get(transaction).changed.put(path, gone);
    }
  }

  int begin() throws StoreError {
    if (transactions.size() == MOST_TRANSACTIONS) {
      throw new StoreError(StoreError.Name.ENOSPC);
    }
    lastTransaction = lastTransaction == Integer.MAX_VALUE ? 1 : lastTransaction + 1;
    transactions.put(lastTransaction, new Transaction(tree.copy(), changes));
    return lastTransaction;
  }

  void end(int transaction, boolean commit) throws StoreError {
    Transaction ended = transactions.remove(transaction);
    if (ended == null) {
      throw new StoreError(StoreError.Name.ENOENT);
    }
    if (commit && !ended.changed.isEmpty()) {
      if (ended.began != changes) {
        throw new StoreError(StoreError.Name.EAGAIN);
      }
      tree = ended.tree;
      ended.changed.forEach(this::changed);
    }
  }

  void forgetGuest() {
    transactions.clear();
    watches.clear();
  }
}
