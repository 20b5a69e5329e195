package dev.ringzero.control.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.control.run.GuestRun;
import dev.ringzero.vmm.schedule.PhysicalCpus;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Copies of a guest that writes its disk and its memory all the time. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class CopiesGuestTest {
  private static final int COPIES = Integer.getInteger("ringzero.copies", 2);

  private static final String MINE =
      "head -c 400000 /dev/urandom >/tmp/mine; cp /tmp/mine /tmp/same; cmp /tmp/mine /tmp/same"
          + " && echo ok $(sha256sum </tmp/mine | cut -c1-20)";

  private static final String DISK =
      "kill $!; echo 3 >/proc/sys/vm/drop_caches; echo disk $(head -c 8 /dev/vda) of $(cat"
          + " /tmp/done)";

  @TempDir Path directory;

  @Test
  void copiesOfABusyGuestAreWholeAndApart() throws Exception {
    SnapshotStore store = new SnapshotStore(directory.resolve("store"));
    List<GuestRun> copies = new ArrayList<>();
    try (GuestRun original = BusyGuest.boot(directory)) {
      GuestShell shell = new GuestShell(original);
      shell.ask(BusyGuest.WRITER + " echo be''gun", "begun");
      shell.ask("while [ ! -e /tmp/done ]; do :; done; echo wri''tes", "writes");
      new SnapshotSave(store).save(original, "busy", false);
      try (Fork fork = Fork.of(original)) {
        for (int i = 0; i < COPIES; i++) {
          copies.add(fork.make("copy" + i));
        }
      }
      copies.add(Restoration.make(store.get("busy"), "restored"));
      copies.forEach(copy -> copy.start(PhysicalCpus.host()));
      Set<String> random = new HashSet<>();
      for (GuestRun copy : copies) {
        GuestShell its = new GuestShell(copy);
        its.ask("until [ -e /run/forked ]; do sleep 0.1; done; echo kn''ows", "knows");
        assertThat(random.add(its.ask(MINE, "ok ([0-9a-f]{20})").group(1))).isTrue();
        checkDisk(its);
      }
      assertThat(random.add(shell.ask(MINE, "ok ([0-9a-f]{20})").group(1))).isTrue();
      checkDisk(shell);
      assertThat(shell.ask("echo mac $(cat /sys/class/net/eth0/address)", "mac (\\S+)").group(1))
          .isNotEqualTo(
              new GuestShell(copies.getFirst())
                  .ask("echo mac $(cat /sys/class/net/eth0/address)", "mac (\\S+)")
                  .group(1));
    } finally {
      copies.forEach(GuestRun::close);
    }
    store.remove("busy");
  }

  /** The disk is as far as its writer, or one number ahead of what it noted. */
  private static void checkDisk(GuestShell shell) throws InterruptedException {
    Matcher disk = shell.ask(DISK, "disk (\\d+) of (\\d+)");
    int written = Integer.parseInt(disk.group(1));
    int noted = Integer.parseInt(disk.group(2));
    assertThat(written).isBetween(noted, noted + 1);
  }
}
