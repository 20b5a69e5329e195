package dev.ringzero.control.run;

import static org.junit.jupiter.api.Assumptions.abort;

import dev.ringzero.control.console.CommandOutput;
import dev.ringzero.control.console.TextWatch;
import dev.ringzero.control.run.GuestPreparation.Prepared;
import dev.ringzero.images.DefaultGuest;
import dev.ringzero.images.ImageCache;
import dev.ringzero.images.ImageException;
import dev.ringzero.images.Progress;
import dev.ringzero.images.build.BaseSystem;
import dev.ringzero.images.build.ImageBuild;
import dev.ringzero.images.build.ImageForm;
import dev.ringzero.images.build.ImageRequest;
import dev.ringzero.vmm.machine.DiskConfiguration;
import dev.ringzero.vmm.machine.EngineConfiguration;
import dev.ringzero.vmm.machine.HostLinks;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** Builds images for tests and runs commands in them. */
final class ImageGuest {
  private static final long MEMORY_BYTES = 1L << 30;
  private static final Duration LIMIT = Duration.ofMinutes(15);

  private ImageGuest() {}

  /** What a command in a guest wrote, and how it ended. */
  record Outcome(String output, OptionalInt status, GuestEnd end) {}

  /** Builds an image; the test is skipped where packages cannot be fetched. */
  static Path build(Path file, String... packages) {
    ImageRequest request =
        new ImageRequest("test", BaseSystem.SMALL, List.of(packages), OptionalLong.empty());
    try {
      new ImageBuild(ImageCache.ofUser(), Progress.SILENT).build(request, ImageForm.of(file), file);
      return file;
    } catch (ImageException e) {
      return abort("skipped: packages cannot be fetched here: " + e.getMessage());
    }
  }

  private static Prepared prepare(
      Optional<ImageChoice> image, List<DiskConfiguration> disks, String append, String command) {
    RunRequest request =
        new RunRequest(
            Optional.empty(),
            Optional.empty(),
            List.of(),
            Optional.of(append),
            MEMORY_BYTES,
            1,
            Optional.of(command),
            Optional.empty(),
            image,
            disks,
            List.of(),
            HostLinks.NONE,
            EngineConfiguration.Software.FASTEST);
    return new GuestPreparation(ImageCache.ofUser(), Progress.SILENT).prepare(request, "test");
  }

  /** Skips the test where the kernel cannot be fetched. */
  static void requireKernel() {
    try {
      DefaultGuest.prepare(ImageCache.ofUser(), Progress.SILENT);
    } catch (ImageException e) {
      abort("skipped: the default guest cannot be fetched here: " + e.getMessage());
    }
  }

  static Outcome run(
      Optional<ImageChoice> image, List<DiskConfiguration> disks, String append, String command)
      throws Exception {
    Prepared prepared = prepare(image, disks, append, command);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GuestRun run = new GuestRun(prepared.machine())) {
      CommandOutput output = new CommandOutput(prepared.command().orElseThrow().mark(), bytes);
      run.machine().channel().addListener(output);
      run.limit(LIMIT);
      run.machine().start();
      GuestEnd end = run.awaitEnd();
      output.close();
      return new Outcome(bytes.toString(StandardCharsets.UTF_8), output.status(), end);
    }
  }

  /** Runs a command and pulls the plug when it has written a text. */
  static void runUntil(Optional<ImageChoice> image, String command, String text) throws Exception {
    Prepared prepared = prepare(image, List.of(), "quiet", command);
    try (GuestRun run = new GuestRun(prepared.machine())) {
      TextWatch watch = new TextWatch(text);
      run.machine().channel().addListener(watch);
      run.limit(LIMIT);
      run.machine().start();
      watch.await();
    }
  }

  /** Runs a command in an image whose changes are thrown away. */
  static Outcome run(Path image, String command) throws Exception {
    return run(Optional.of(new ImageChoice(image.toString(), false)), List.of(), "quiet", command);
  }
}
