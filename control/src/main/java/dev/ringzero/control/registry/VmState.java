package dev.ringzero.control.registry;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * In which state a machine is, and since when.
 *
 * @param since an instant as ISO 8601 writes it
 * @param process in which it runs, or ran
 * @param cause of its end, such as POWER_OFF
 * @param detail one line for people; empty where there is no more to say
 * @param exitStatus with which its run ended
 */
public record VmState(
    Status status,
    String since,
    Optional<Long> process,
    Optional<String> cause,
    String detail,
    Optional<Long> exitStatus) {
  /** The states. */
  public enum Status {
    /** It has never run. */
    CREATED,
    /** Its process prepares it. */
    STARTING,
    RUNNING,
    PAUSED,
    /** Its guest ended, or was ended. */
    STOPPED,
    /** It could not be started, or its engine failed. */
    FAILED,
    /** It ran when its process was killed or the computer ended. */
    LOST;

    /** The word for it. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }

    /** Whether there is a process for it. */
    public boolean isLive() {
      return switch (this) {
        case STARTING, RUNNING, PAUSED -> true;
        case CREATED, STOPPED, FAILED, LOST -> false;
      };
    }
  }

  /** The JSON object. */
  public Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("status", status.word());
    map.put("since", since);
    process.ifPresent(pid -> map.put("pid", pid));
    cause.ifPresent(word -> map.put("cause", word.toLowerCase(Locale.ROOT).replace('_', '-')));
    if (!detail.isEmpty()) {
      map.put("detail", detail);
    }
    exitStatus.ifPresent(number -> map.put("exitStatus", number));
    return map;
  }
}
