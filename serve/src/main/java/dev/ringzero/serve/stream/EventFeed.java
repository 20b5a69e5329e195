package dev.ringzero.serve.stream;

import dev.ringzero.control.protocol.Json;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * Looks at the machines while somebody follows, and tells what has changed. What happens to a
 * machine is done by other processes, which need not know that anybody looks.
 */
public final class EventFeed implements AutoCloseable {
  private static final long LOOK_AGAIN_MILLIS = 250;

  private final Supplier<List<Map<String, Object>>> machines;
  private final Set<EventSocket> followers = ConcurrentHashMap.newKeySet();
  private final Thread watch;
  private Map<String, Map<String, Object>> known = new LinkedHashMap<>();
  private volatile boolean closed;

  /**
   * Makes the feed.
   *
   * @param machines all of them, as they are now
   */
  public EventFeed(Supplier<List<Map<String, Object>>> machines) {
    this.machines = machines;
    watch = Thread.ofPlatform().name("events").daemon().start(this::watch);
  }

  /** For one more who follows. */
  public EventSocket newSocket() {
    return new EventSocket(this);
  }

  synchronized void add(EventSocket follower) {
    if (followers.isEmpty()) {
      known = look();
    }
    Map<String, Object> event = event("present");
    event.put("vms", List.copyOf(known.values()));
    follower.tell(Json.write(event));
    followers.add(follower);
    notifyAll();
  }

  void remove(EventSocket follower) {
    followers.remove(follower);
  }

  private static Map<String, Object> event(String type) {
    Map<String, Object> event = new LinkedHashMap<>();
    event.put("type", type);
    event.put("time", Instant.now().toString());
    return event;
  }

  /** What changes all the time is no change. */
  private Map<String, Map<String, Object>> look() {
    Map<String, Map<String, Object>> all = new LinkedHashMap<>();
    for (Map<String, Object> machine : machines.get()) {
      Map<String, Object> lasting = new LinkedHashMap<>(machine);
      lasting.remove("running");
      all.put(String.valueOf(machine.get("name")), lasting);
    }
    return all;
  }

  private void watch() {
    try {
      while (!closed) {
        Thread.sleep(LOOK_AGAIN_MILLIS);
        compare();
      }
    } catch (InterruptedException e) {
      // It is closed.
    }
  }

  private synchronized void compare() throws InterruptedException {
    while (followers.isEmpty()) {
      wait();
    }
    Map<String, Map<String, Object>> now = look();
    List<String> events = new ArrayList<>();
    now.forEach((name, machine) -> {
      Map<String, Object> before = known.get(name);
      if (before == null) {
        events.add(told("created", name, machine));
      } else if (!Objects.equals(before, machine)) {
        events.add(told("changed", name, machine));
      }
    });
    for (String name : known.keySet()) {
      if (!now.containsKey(name)) {
        events.add(told("removed", name, Map.of()));
      }
    }
    known = now;
    followers.forEach(follower -> events.forEach(follower::tell));
  }

  private static String told(String type, String name, Map<String, Object> machine) {
    Map<String, Object> event = event(type);
    event.put("vm", name);
    if (machine.get("state") != null) {
      event.put("state", machine.get("state"));
    }
    return Json.write(event);
  }

  @Override
  public void close() {
    closed = true;
    watch.interrupt();
  }
}
