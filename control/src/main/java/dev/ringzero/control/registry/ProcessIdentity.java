package dev.ringzero.control.registry;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A process, so that another that later gets its number is not taken for it, also after the
 * computer was restarted.
 *
 * @param startTicks when it began, in ticks since the computer did
 * @spec proc(5), /proc/pid/stat (22) starttime; /proc/sys/kernel/random/boot_id
 */
record ProcessIdentity(long pid, long startTicks, String boot) {
  private static final Path BOOT = Path.of("/proc/sys/kernel/random/boot_id");
  private static final int START_TIME = 22;

  /** The first field behind the name, which is in parentheses and may contain any character. */
  private static final int FIRST_AFTER_NAME = 3;

  /** This process. */
  static ProcessIdentity self() throws IOException {
    long pid = ProcessHandle.current().pid();
    return new ProcessIdentity(pid, startTicks(pid), Files.readString(BOOT).strip());
  }

  /** Whether it still runs. */
  boolean isAlive() {
    try {
      return Files.readString(BOOT).strip().equals(boot) && startTicks(pid) == startTicks;
    } catch (IOException | RuntimeException e) {
      return false;
    }
  }

  private static long startTicks(long pid) throws IOException {
    String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    if (fields[0].equals("Z")) {
      throw new IOException("it has ended");
    }
    return Long.parseLong(fields[START_TIME - FIRST_AFTER_NAME]);
  }

  Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("pid", pid);
    map.put("startTicks", startTicks);
    map.put("boot", boot);
    return map;
  }

  static Optional<ProcessIdentity> of(Object map) {
    return map instanceof Map<?, ?> members
            && members.get("pid") instanceof Long pid
            && members.get("startTicks") instanceof Long ticks
            && members.get("boot") instanceof String boot
        ? Optional.of(new ProcessIdentity(pid, ticks, boot))
        : Optional.empty();
  }
}
