package dev.ringzero.control.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.control.run.GuestRun;
import dev.ringzero.vmm.schedule.PhysicalCpus;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A guest that is saved under load of network and disk, and goes on in another process. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class RestoredElsewhereGuestTest {
  private static final String GATEWAY =
      "gw=$(ip route | sed -n 's/default via \\([0-9.]*\\).*/\\1/p')";

  private static final String PINGS =
      "(while :; do ping -c 1 -W 1 $gw >/dev/null; echo >>/tmp/pings; done) &";

  private static final String GOES_ON =
      "a=$(cat /tmp/done); n=$(wc -l </tmp/pings); until [ $(cat /tmp/done) -gt $a ]"
          + " && [ $(wc -l </tmp/pings) -gt $n ] && ping -c 1 -W 5 $gw >/dev/null; do sleep 0.1;"
          + " done; echo goes o''n";

  private static final String IDENTITY =
      "echo is $(cat /sys/class/net/eth0/address) $(head -c 8 /dev/urandom | od -An -tx1 | tr -d '"
          + " ') $(( $(date +%s) > 1000000000 ))";

  @TempDir Path directory;

  /** Restores a snapshot, sees that its guest goes on, and says who it is. */
  static final class Elsewhere {
    private Elsewhere() {}

    public static void main(String[] words) throws InterruptedException {
      SnapshotStore store = new SnapshotStore(Path.of(words[0]));
      try (GuestRun run = Restoration.make(store.get("loaded"), "elsewhere")) {
        GuestShell shell = new GuestShell(run);
        run.start(PhysicalCpus.host());
        shell.ask("until [ -e /run/forked ]; do sleep 0.1; done; echo kn''ows", "knows");
        shell.ask(GOES_ON, "goes on");
        System.out.println(shell.ask(IDENTITY, "is (\\S+ \\S+ 1)").group(1));
      }
      System.exit(0);
    }
  }

  @Test
  void guestUnderLoadGoesOnInAnotherProcessAsAnother() throws Exception {
    Path folder = directory.resolve("store");
    String before;
    try (GuestRun run = BusyGuest.boot(directory)) {
      GuestShell shell = new GuestShell(run);
      shell.ask(GATEWAY + "; echo g''w", "gw");
      shell.ask(BusyGuest.WRITER + " " + PINGS + " echo be''gun", "begun");
      shell.ask(
          "until [ -e /tmp/done ] && [ -e /tmp/pings ]; do sleep 0.1; done; echo l''oad", "load");
      new SnapshotSave(new SnapshotStore(folder)).save(run, "loaded", false);
      shell.ask(GOES_ON, "goes on");
      before = shell.ask(IDENTITY, "is (\\S+ \\S+ 1)").group(1);
    }
    String[] original = before.split(" ");
    String[] restored = restoredElsewhere(folder).split(" ");
    assertThat(restored[0]).as("address of the card").isNotEqualTo(original[0]);
    assertThat(restored[1]).as("random numbers").isNotEqualTo(original[1]);
  }

  private static String restoredElsewhere(Path folder) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElseThrow(),
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                Elsewhere.class.getName(),
                folder.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try {
      String line = process.inputReader().readLine();
      assertThat(process.waitFor()).isZero();
      return line;
    } finally {
      process.destroyForcibly();
    }
  }
}
