package dev.ringzero.control.warm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.ringzero.control.console.CommandOutput;
import dev.ringzero.control.run.RunRequest;
import dev.ringzero.control.warm.WarmStart.Waiting;
import dev.ringzero.images.DefaultGuest;
import dev.ringzero.images.ImageCache;
import dev.ringzero.images.ImageException;
import dev.ringzero.images.Progress;
import dev.ringzero.network.nat.NatAttachment;
import dev.ringzero.network.nat.NatSettings;
import dev.ringzero.vmm.machine.CardConfiguration;
import dev.ringzero.vmm.machine.EngineConfiguration;
import dev.ringzero.vmm.machine.HostLinks;
import dev.ringzero.vmm.schedule.PhysicalCpus;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 10, unit = TimeUnit.MINUTES)
class WarmStartTest {
  private static final String SCRIPT =
      "hostname; cat /proc/sys/kernel/random/uuid; echo %s | wc -c; exit 9";

  @TempDir Path directory;

  private static RunRequest request(String script, List<CardConfiguration> cards) {
    return new RunRequest(
        Optional.empty(),
        Optional.empty(),
        List.of(),
        Optional.empty(),
        128L << 20,
        1,
        Optional.of(script),
        Optional.empty(),
        Optional.empty(),
        List.of(),
        cards,
        HostLinks.NONE,
        EngineConfiguration.Software.FASTEST);
  }

  @Test
  void laterStartsGoOnFromTheFirstAndAreApart() throws Exception {
    ImageCache cache = cache();
    String longScript = SCRIPT.formatted("x".repeat(20_000));
    List<String> outputs = new ArrayList<>();
    for (int start = 0; start < 3; start++) {
      Waiting waiting =
          new WarmStart(cache, Progress.SILENT)
              .start(request(longScript, List.of()), "guest" + start, PhysicalCpus.host());
      assertThat(waiting.warm()).isEqualTo(start > 0);
      ByteArrayOutputStream said = new ByteArrayOutputStream();
      CommandOutput output = new CommandOutput(waiting.command().orElseThrow().mark(), said);
      waiting.run().machine().channel().addListener(output);
      waiting.begin();
      waiting.run().awaitEnd();
      waiting.run().close();
      assertThat(output.status()).hasValue(9);
      String text = said.toString(StandardCharsets.US_ASCII).replace("\r", "");
      assertThat(text).startsWith("guest" + start + "\n").endsWith("\n20001\n");
      outputs.add(text.lines().skip(1).findFirst().orElseThrow());
    }
    assertThat(new HashSet<>(outputs)).hasSize(3);
  }

  /** The user's files, so that nothing is fetched, and a place of our own for snapshots. */
  private ImageCache cache() throws Exception {
    ImageCache users = ImageCache.ofUser();
    try {
      DefaultGuest.prepare(users, Progress.SILENT);
    } catch (ImageException e) {
      return abort("skipped: the default guest cannot be fetched here: " + e.getMessage());
    }
    for (String folder : List.of("debian", "kernels")) {
      Files.createSymbolicLink(directory.resolve(folder), users.directory(folder));
    }
    return new ImageCache(directory);
  }

  @Test
  void whatTheSnapshotCannotHaveIsRefused() {
    CardConfiguration card = new CardConfiguration(new NatAttachment(NatSettings.ordinary()));
    assertThat(WarmStart.whyNot(request("true", List.of()))).isEmpty();
    assertThat(WarmStart.whyNot(request("true", List.of(card))).orElseThrow()).contains("--net");
  }

  @Test
  void theKeyFollowsAllThatABootDependsOn() throws Exception {
    Path kernel = Files.writeString(directory.resolve("kernel"), "a");
    RunRequest request = request("true", List.of());
    String key = WarmKey.of(request, kernel, new byte[] {1});
    assertThat(WarmKey.of(request("false", List.of()), kernel, new byte[] {1})).isEqualTo(key);
    assertThat(WarmKey.of(request, kernel, new byte[] {2})).isNotEqualTo(key);
    Files.writeString(kernel, "ab");
    assertThat(WarmKey.of(request, kernel, new byte[] {1})).isNotEqualTo(key);
  }
}
