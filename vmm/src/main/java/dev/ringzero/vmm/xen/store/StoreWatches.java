package dev.ringzero.vmm.xen.store;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;

/** What the guest, and devices of the monitor, want to be told of. */
final class StoreWatches {
  private static final int MOST_WATCHES = 128;
  private static final int MOST_EVENTS = 1024;

  private final List<Watch> watches = new ArrayList<>();
  private final List<Listener> listeners = new ArrayList<>();
  private final Deque<Event> events = new ArrayDeque<>();

  /**
   * A watch of the guest's.
   *
   * @param path absolute
   * @param cut how much of a path the guest does not want to see, since its own was relative
   */
  private record Watch(String path, int cut, String token) {}

  private record Listener(String path, Consumer<String> told) {}

  /** What the guest is to be told. */
  record Event(String path, String token) {}

  void add(String path, int cut, String token) throws StoreError {
    Watch watch = new Watch(path, cut, token);
    if (watches.contains(watch)) {
      throw new StoreError(StoreError.Name.EEXIST);
    }
    if (watches.size() == MOST_WATCHES) {
      throw new StoreError(StoreError.Name.E2BIG);
    }
    watches.add(watch);
    tell(watch, path);
  }

  void remove(String path, int cut, String token) throws StoreError {
    if (!watches.remove(new Watch(path, cut, token))) {
      throw new StoreError(StoreError.Name.ENOENT);
    }
  }

  boolean isWatched(String path) {
    return watches.stream().anyMatch(watch -> StorePath.isWithin(path, watch.path));
  }

  void clear() {
    watches.clear();
    events.clear();
  }

  void listen(String path, Consumer<String> told) {
    listeners.add(new Listener(path, told));
  }

  /** A node has changed; one that is gone takes with it those below. */
  void changed(String path, boolean gone) {
    for (Watch watch : watches) {
      if (StorePath.isWithin(path, watch.path)) {
        tell(watch, path);
      } else if (gone && StorePath.isWithin(watch.path, path)) {
        tell(watch, watch.path);
      }
    }
    for (Listener listener : listeners) {
      if (StorePath.isWithin(path, listener.path)) {
        listener.told.accept(path);
      }
    }
  }

  /** A guest that does not read learns of no more than fits. */
  private void tell(Watch watch, String path) {
    Event event = new Event(path.substring(Math.min(watch.cut, path.length())), watch.token);
    if (events.size() < MOST_EVENTS && !event.equals(events.peekLast())) {
      events.add(event);
    }
  }

  /** The next thing to tell the guest; null if there is none. */
  Event next() {
    return events.poll();
  }
}
