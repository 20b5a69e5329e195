package dev.ringzero.control.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.ringzero.images.ImageCache;
import dev.ringzero.images.ImageException;
import dev.ringzero.images.Progress;
import dev.ringzero.vmm.machine.EngineConfiguration;
import dev.ringzero.vmm.machine.HostLinks;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ShutDownTest {
  private static final Duration LIMIT = Duration.ofMinutes(2);

  @Test
  void guestThatIsAskedToShutDownBeforeItListensDoesSoWhenItHasAShell() throws Exception {
    try (GuestRun run = new GuestRun(prepared().machine())) {
      run.limit(LIMIT);
      run.machine().start();
      run.shutDown();
      assertThat(run.awaitEnd().cause()).isEqualTo(GuestEnd.Cause.POWER_OFF);
    }
  }

  private static GuestPreparation.Prepared prepared() {
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
            HostLinks.NONE,
            EngineConfiguration.Software.FASTEST);
    try {
      return new GuestPreparation(ImageCache.ofUser(), Progress.SILENT).prepare(request, "test");
    } catch (ImageException e) {
      return abort("skipped: the default guest cannot be fetched here: " + e.getMessage());
    }
  }
}
