package dev.ringzero.control.snapshot;

import static org.junit.jupiter.api.Assumptions.abort;

import dev.ringzero.control.run.GuestPreparation;
import dev.ringzero.control.run.GuestRun;
import dev.ringzero.control.run.RunRequest;
import dev.ringzero.engine.Execution;
import dev.ringzero.images.DefaultGuest;
import dev.ringzero.images.ImageCache;
import dev.ringzero.images.ImageException;
import dev.ringzero.images.Progress;
import dev.ringzero.vmm.cpuid.CpuModels;
import dev.ringzero.vmm.machine.ConsoleKind;
import dev.ringzero.vmm.machine.EngineConfiguration;
import dev.ringzero.vmm.machine.HostLinks;
import dev.ringzero.vmm.machine.ShareConfiguration;
import dev.ringzero.vmm.memory.MemoryTechnique;
import dev.ringzero.vmm.schedule.PhysicalCpus;
import dev.ringzero.vmm.schedule.ProcessorShare;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A machine that is saved while a guest of its guest computes, under Debian's KVM. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class NestedSnapshotGuestTest {
  private static final String COUNTS =
      "a=$(head -c 10 /tmp/inner); until [ \"$(head -c 10 /tmp/inner)\" != \"$a\" ]; do :; done;"
          + " grep -q WRONG /tmp/inner || echo inner coun''ts";

  @ParameterizedTest
  @CsvSource({"amd,kvm-amd", "intel,kvm-intel"})
  void innerGuestGoesOnWithItsCount(String model, String module, @TempDir Path directory)
      throws Exception {
    Path tools = Files.createDirectory(directory.resolve("tools"));
    compile(tools.resolve("counter"));
    SnapshotStore store = new SnapshotStore(directory.resolve("store"));
    try (GuestRun run = boot(model, tools)) {
      GuestShell shell = new GuestShell(run);
      shell.ask("modprobe " + module + "; cp /mnt/tools/counter /tmp; echo rea''dy", "ready");
      shell.ask(
          "/tmp/counter /tmp/inner & until [ -s /tmp/inner ]; do :; done; " + COUNTS,
          "inner counts");
      new SnapshotSave(store).save(run, "nested", false);
      shell.ask(COUNTS, "inner counts");
    }
    try (GuestRun restored = Restoration.make(store.get("nested"), "restored")) {
      GuestShell shell = new GuestShell(restored);
      restored.start(PhysicalCpus.host());
      shell.ask(COUNTS, "inner counts");
      shell.ask(COUNTS, "inner counts");
    }
  }

  private static GuestRun boot(String model, Path tools) throws InterruptedException {
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
            1,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            List.of(),
            List.of(),
            new HostLinks(
                List.of(new ShareConfiguration(tools, "/mnt/tools", true)),
                Optional.empty(),
                ConsoleKind.SERIAL),
            new EngineConfiguration.Software(
                Execution.FASTEST,
                MemoryTechnique.EPT,
                ProcessorShare.USUAL,
                CpuModels.named(model).orElseThrow(),
                false));
    GuestRun run =
        new GuestRun(
            new GuestPreparation(ImageCache.ofUser(), Progress.SILENT)
                .prepare(request, "outer")
                .machine());
    run.start(PhysicalCpus.host());
    run.awaitShell();
    return run;
  }

  private static void compile(Path program) throws Exception {
    Path source = Path.of(NestedSnapshotGuestTest.class.getResource("counter.c").toURI());
    try {
      Process compiler =
          new ProcessBuilder("gcc", "-static", "-O1", "-o", program.toString(), source.toString())
              .redirectErrorStream(true)
              .start();
      String complaint = new String(compiler.getInputStream().readAllBytes());
      if (compiler.waitFor() != 0) {
        abort("skipped: gcc cannot make a static program here: " + complaint);
      }
    } catch (IOException e) {
      abort("skipped: there is no gcc here");
    }
  }
}
