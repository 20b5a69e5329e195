package dev.ringzero.control.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.ringzero.control.run.GuestPreparation;
import dev.ringzero.control.run.GuestRun;
import dev.ringzero.control.run.RunRequest;
import dev.ringzero.images.DefaultGuest;
import dev.ringzero.images.ImageCache;
import dev.ringzero.images.ImageException;
import dev.ringzero.images.Progress;
import dev.ringzero.images.disk.DiskFormat;
import dev.ringzero.images.disk.DiskImages;
import dev.ringzero.network.nat.NatAttachment;
import dev.ringzero.network.nat.NatSettings;
import dev.ringzero.vmm.machine.CardConfiguration;
import dev.ringzero.vmm.machine.Console;
import dev.ringzero.vmm.machine.DiskConfiguration;
import dev.ringzero.vmm.machine.EngineConfiguration;
import dev.ringzero.vmm.machine.HostLinks;
import dev.ringzero.vmm.schedule.PhysicalCpus;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Copies of a guest that writes its disk and its memory all the time. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class CopiesGuestTest {
  private static final int COPIES = Integer.getInteger("ringzero.copies", 2);

  /** Numbers go to the disk, and when they are there into a file. */
  private static final String WRITER =
      "(i=1; while :; do printf %08d $i | dd of=/dev/vda conv=fsync 2>/dev/null; echo $i >/tmp/done;"
          + " i=$((i+1)); sleep 0.05; done) &";

  private static final String MINE =
      "head -c 400000 /dev/urandom >/tmp/mine; cp /tmp/mine /tmp/same; cmp /tmp/mine /tmp/same"
          + " && echo ok $(sha256sum </tmp/mine | cut -c1-20)";

  private static final String DISK =
      "kill $!; echo 3 >/proc/sys/vm/drop_caches; echo disk $(head -c 8 /dev/vda) of $(cat /tmp/done)";

  @TempDir Path directory;

  /** What a guest's console says, line by line. */
  private static final class Shell implements Console.Listener {
    private final GuestRun run;
    private final LinkedBlockingQueue<String> lines = new LinkedBlockingQueue<>();
    private final StringBuilder line = new StringBuilder();

    Shell(GuestRun run) {
      this.run = run;
      run.machine().console().addListener(this);
    }

    @Override
    public void output(byte[] bytes, int lengthBytes) {
      String text = new String(bytes, 0, lengthBytes, StandardCharsets.ISO_8859_1);
      for (char c : text.toCharArray()) {
        if (c == '\n') {
          lines.add(line.toString().strip());
          line.setLength(0);
        } else {
          line.append(c);
        }
      }
    }

    Matcher ask(String command, String answer) throws InterruptedException {
      byte[] keys = (command + "\n").getBytes(StandardCharsets.US_ASCII);
      run.type(keys, keys.length);
      Pattern pattern = Pattern.compile(answer);
      while (true) {
        Matcher found = pattern.matcher(lines.take());
        if (found.matches()) {
          return found;
        }
      }
    }
  }

  private GuestRun boot() throws Exception {
    Path disk = directory.resolve("disk.raw");
    DiskImages.create(disk, DiskFormat.RAW, 1 << 20);
    try {
      DefaultGuest.prepare(ImageCache.ofUser(), Progress.SILENT);
    } catch (ImageException e) {
      return abort("skipped: the default guest cannot be fetched here: " + e.getMessage());
    }
    RunRequest request =
        new RunRequest(
            Optional.empty(),
            Optional.empty(),
            List.of(),
            Optional.empty(),
            256L << 20,
            2,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            List.of(DiskConfiguration.parse(disk.toString())),
            List.of(new CardConfiguration(new NatAttachment(NatSettings.ordinary()))),
            HostLinks.NONE,
            EngineConfiguration.Software.FASTEST);
    GuestRun run =
        new GuestRun(
            new GuestPreparation(ImageCache.ofUser(), Progress.SILENT)
                .prepare(request, "original")
                .machine());
    run.start(PhysicalCpus.host());
    run.awaitShell();
    return run;
  }

  @Test
  void copiesOfABusyGuestAreWholeAndApart() throws Exception {
    SnapshotStore store = new SnapshotStore(directory.resolve("store"));
    List<GuestRun> copies = new ArrayList<>();
    try (GuestRun original = boot()) {
      Shell shell = new Shell(original);
      shell.ask(WRITER + " echo be''gun", "begun");
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
        Shell its = new Shell(copy);
        its.ask("until [ -e /run/forked ]; do sleep 0.1; done; echo kn''ows", "knows");
        assertThat(random.add(its.ask(MINE, "ok ([0-9a-f]{20})").group(1))).isTrue();
        checkDisk(its);
      }
      assertThat(random.add(shell.ask(MINE, "ok ([0-9a-f]{20})").group(1))).isTrue();
      checkDisk(shell);
      assertThat(shell.ask("echo mac $(cat /sys/class/net/eth0/address)", "mac (\\S+)").group(1))
          .isNotEqualTo(
              new Shell(copies.getFirst())
                  .ask("echo mac $(cat /sys/class/net/eth0/address)", "mac (\\S+)")
                  .group(1));
    } finally {
      copies.forEach(GuestRun::close);
    }
    store.remove("busy");
  }

  /** The disk is as far as its writer, or one number ahead of what it noted. */
  private static void checkDisk(Shell shell) throws InterruptedException {
    Matcher disk = shell.ask(DISK, "disk (\\d+) of (\\d+)");
    int written = Integer.parseInt(disk.group(1));
    int noted = Integer.parseInt(disk.group(2));
    assertThat(written).isBetween(noted, noted + 1);
  }
}
