package dev.ringzero.control.snapshot;

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
import dev.ringzero.vmm.machine.DiskConfiguration;
import dev.ringzero.vmm.machine.EngineConfiguration;
import dev.ringzero.vmm.machine.HostLinks;
import dev.ringzero.vmm.schedule.PhysicalCpus;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A guest of two processors with a disk and a network card. */
final class BusyGuest {
  /** Numbers go to the disk, and when they are there into a file, which is whole at any time. */
  static final String WRITER =
      "(i=1; while :; do printf %08d $i | dd of=/dev/vda conv=fsync 2>/dev/null; echo $i"
          + " >/tmp/next; mv /tmp/next /tmp/done; i=$((i+1)); sleep 0.05; done) &";

  private BusyGuest() {}

  /** Boots it to its shell, with a disk in this directory. */
  static GuestRun boot(Path directory) throws Exception {
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
}
