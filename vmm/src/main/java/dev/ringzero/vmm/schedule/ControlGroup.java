package dev.ringzero.vmm.schedule;

import dev.ringzero.engine.EngineException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * A control group of the host's kernel, below the one that this process is in, for the threads of
 * one machine's vCPUs: their weight and cap where the kernel slices.
 *
 * @spec Linux, Documentation/admin-guide/cgroup-v2.rst, "Threads" and "CPU Interface Files"
 */
public final class ControlGroup implements AutoCloseable {
  private static final Path ROOT = Path.of("/sys/fs/cgroup");
  private static final Path OWN_GROUPS = Path.of("/proc/self/cgroup");
  private static final Path THIS_THREAD = Path.of("/proc/thread-self");
  private static final String CONTROLLER = "cpu";

  /** In which a cap is kept. */
  private static final int PERIOD_MICROS = 100_000;

  private static final int MICROS_PER_PERCENT = PERIOD_MICROS / 100;

  /** Of version 1, where others have {@link ProcessorShare#USUAL_WEIGHT}. */
  private static final int USUAL_SHARES = 1024;

  private static final int LEAST_SHARES = 2;

  private final Path directory;
  private final String threads;

  private ControlGroup(Path directory, String threads) {
    this.directory = directory;
    this.threads = threads;
  }

  /**
   * Makes a group.
   *
   * @throws EngineException if this process may not, or the host has none
   */
  public static ControlGroup of(String name, ProcessorShare share) {
    return of(name + "-" + ProcessHandle.current().pid(), share, ROOT, OWN_GROUPS);
  }

  /** As above, in a tree of control groups that lies elsewhere. */
  static ControlGroup of(String name, ProcessorShare share, Path root, Path ownGroups) {
    try {
      List<String> own = Files.readAllLines(ownGroups);
      return isUnified(root) ? unified(name, share, root, own) : legacy(name, share, root, own);
    } catch (AccessDeniedException e) {
      throw refused("this process may not write " + e.getFile());
    } catch (NoSuchFileException e) {
      throw refused("there is no " + e.getFile());
    } catch (IOException e) {
      throw refused(e.getMessage());
    }
  }

  private static EngineException refused(String why) {
    return new EngineException(
        ("--cpu-weight and --cpu-cap with KVM need a control group of this process: %s;"
                + " run it as root or in a delegated group"
                + " (systemd-run --user --scope -p Delegate=yes rz run ...), or --engine software")
            .formatted(why));
  }

  private static boolean isUnified(Path root) throws IOException {
    Path controllers = root.resolve("cgroup.controllers");
    return Files.exists(controllers) && words(controllers).contains(CONTROLLER);
  }

  private static List<String> words(Path file) throws IOException {
    return List.of(Files.readString(file).strip().split("\\s+"));
  }

  private static ControlGroup unified(
      String name, ProcessorShare share, Path root, List<String> own) throws IOException {
    Path parent = root.resolve(relative(own, "0", ""));
    ControlGroup group = new ControlGroup(parent.resolve("ringzero-" + name), "cgroup.threads");
    Files.createDirectory(group.directory);
    try {
      group.write("cgroup.type", "threaded");
      if (!words(parent.resolve("cgroup.subtree_control")).contains(CONTROLLER)) {
        Files.writeString(parent.resolve("cgroup.subtree_control"), "+" + CONTROLLER);
      }
      group.write("cpu.weight", Integer.toString(share.weight()));
      if (share.capPercent() != ProcessorShare.NO_CAP) {
        group.write("cpu.max", quotaMicros(share) + " " + PERIOD_MICROS);
      }
      return group;
    } catch (IOException e) {
      group.close();
      throw e;
    }
  }

  private static ControlGroup legacy(String name, ProcessorShare share, Path root, List<String> own)
      throws IOException {
    Path hierarchy = root.resolve(CONTROLLER);
    Path parent = hierarchy.resolve(relative(own, null, CONTROLLER));
    ControlGroup group = new ControlGroup(parent.resolve("ringzero-" + name), "tasks");
    Files.createDirectory(group.directory);
    try {
      int shares = share.weight() * USUAL_SHARES / ProcessorShare.USUAL_WEIGHT;
      group.write("cpu.shares", Integer.toString(Math.max(LEAST_SHARES, shares)));
      if (share.capPercent() != ProcessorShare.NO_CAP) {
        group.write("cpu.cfs_period_us", Integer.toString(PERIOD_MICROS));
        group.write("cpu.cfs_quota_us", Integer.toString(quotaMicros(share)));
      }
      return group;
    } catch (IOException e) {
      group.close();
      throw e;
    }
  }

  private static int quotaMicros(ProcessorShare share) {
    return share.capPercent() * MICROS_PER_PERCENT;
  }

  /** The group of this process in a hierarchy, by its number or one of its controllers. */
  private static String relative(List<String> own, String number, String controller)
      throws IOException {
    for (String line : own) {
      String[] parts = line.split(":", 3);
      if (parts.length == 3
          && (parts[0].equals(number) || Arrays.asList(parts[1].split(",")).contains(controller))) {
        return parts[2].substring(1);
      }
    }
    throw new IOException("this process is in no group of the controller " + CONTROLLER);
  }

  private void write(String file, String value) throws IOException {
    Files.writeString(directory.resolve(file), value);
  }

  /**
   * Puts the thread that calls into the group.
   *
   * @throws EngineException if the kernel refuses
   */
  public void join() {
    try {
      write(threads, Files.readSymbolicLink(THIS_THREAD).getFileName().toString());
    } catch (IOException e) {
      throw refused(e.getMessage());
    }
  }

  /**
   * Takes the group away. Its threads must have ended; if one has not yet, an empty group stays.
   */
  @Override
  public void close() {
    try {
      Files.deleteIfExists(directory);
    } catch (IOException e) {
      // It costs nothing, and goes with the one above it.
    }
  }
}
