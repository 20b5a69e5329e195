package dev.ringzero.cli.bench.subject;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The host itself: the guest's programs in a root directory of their own, in namespaces that need
 * no root, under the host's kernel.
 *
 * <p>Not modelled: a boot.
 */
public final class Native implements Subject {
  private static final List<String> NAMESPACES =
      List.of("unshare", "--user", "--map-root-user", "--mount", "--pid", "--fork", "--kill-child");
  private static final String ENTER =
      "mount --rbind /dev \"$0/dev\" && mount -t tmpfs tmpfs \"$0/tmp\""
          + " && exec chroot \"$0\" /bin/sh /bench/driver";
  private static final int PROBE_SECONDS = 10;

  @Override
  public String key() {
    return "native";
  }

  @Override
  public String name() {
    return "native";
  }

  @Override
  public String how() {
    return "the same programs and libraries on this host, without a guest";
  }

  @Override
  public List<String> command(Guest guest) {
    throw new UnsupportedOperationException("the host does not boot guests");
  }

  /** The command that serves the programs in a root directory. */
  public List<String> command(Path root) {
    List<String> command = new java.util.ArrayList<>(NAMESPACES);
    command.addAll(List.of("sh", "-c", ENTER, root.toString()));
    return command;
  }

  /** Whether this host lets a user make the namespaces. */
  static boolean isUsable() throws IOException, InterruptedException {
    List<String> command = new java.util.ArrayList<>(NAMESPACES);
    command.add("true");
    Process process;
    try {
      process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
    } catch (IOException e) {
      return false;
    }
    boolean ended = process.waitFor(PROBE_SECONDS, TimeUnit.SECONDS);
    process.destroyForcibly();
    return ended && process.exitValue() == 0;
  }
}
