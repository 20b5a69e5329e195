package dev.ringzero.cli.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.control.process.ProcessDirectory;
import dev.ringzero.control.protocol.Json;
import dev.ringzero.control.protocol.MessageChannel;
import dev.ringzero.vmm.schedule.PhysicalCpus;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class HostProcessTest {
  @TempDir private Path temporary;
  private HostProcess host;
  private MessageChannel channel;

  @BeforeEach
  void start() throws IOException {
    ProcessDirectory directory = new ProcessDirectory(temporary.resolve("ringzero/hosts"));
    host =
        new HostProcess(directory, "h1", 2, PhysicalCpus.USUAL_SLICE_NANOS, Optional.empty(), true);
    channel = new MessageChannel(directory.connect("h1").orElseThrow());
  }

  @AfterEach
  void stop() throws IOException {
    channel.close();
    host.close();
  }

  @Test
  void tellsWhatItIs() throws IOException {
    Map<String, Object> shown = channel.ask(Map.of("do", "show"));
    assertThat(shown)
        .containsEntry("name", "h1")
        .containsEntry("physicalCpus", 2L)
        .containsEntry("sliceMicros", 2000L)
        .containsEntry("machines", List.of())
        .containsEntry("kept", true);
  }

  @Test
  void wrongOptionsEndOneRunWithALineAndAStatus() throws Exception {
    channel.write(Map.of("do", "run", "arguments", List.of("--memory=5X")));
    String said = "";
    Map<String, Object> frame = Json.read(channel.readLine());
    while (frame.get("status") == null) {
      byte[] bytes = Base64.getDecoder().decode(frame.get("err").toString());
      said += new String(bytes, StandardCharsets.UTF_8);
      frame = Json.read(channel.readLine());
    }
    assertThat(said).isEqualTo("rz: --memory takes a size such as 512M or 2G, not 5X\n");
    assertThat(frame).containsEntry("status", 2L);
  }

  @Test
  void unknownRequestIsRefused() throws Exception {
    channel.write(Map.of("do", "dance"));
    assertThat(Json.read(channel.readLine())).containsEntry("error", "unknown request: dance");
  }

  @Test
  void endsWhenItIsTold() throws Exception {
    channel.ask(Map.of("do", "end"));
    host.await();
  }
}
