package dev.ringzero.cli.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.ringzero.cli.serve.ServingProcess.Answer;
import dev.ringzero.images.DefaultGuest;
import dev.ringzero.images.ImageCache;
import dev.ringzero.images.ImageException;
import dev.ringzero.images.Progress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The server is killed with SIGKILL; the next one tells the truth. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
final class ServeCrashTest {
  private static final int KILLS = Integer.getInteger("ringzero.api.kills", 3);
  private static final int NAMES = 5;

  @TempDir private Path folder;

  /** What was confirmed has happened; what was under way has, or has not. */
  @Test
  void whatWasConfirmedIsThereAfterAKillAtAnyMoment() throws Exception {
    ServingProcess server = new ServingProcess(folder);
    Random random = new Random();
    Set<String> confirmed = new HashSet<>();
    for (int kill = 0; kill < KILLS; kill++) {
      server.start();
      Thread killer = killLater(server, random.nextInt(600));
      String underWay = churn(server, random, confirmed);
      killer.join();
      server.start();
      Set<String> found = names(server);
      Set<String> expected = new TreeSet<>(confirmed);
      expected.remove(underWay);
      if (found.contains(underWay)) {
        expected.add(underWay);
      }
      assertThat(found).isEqualTo(expected);
      confirmed.clear();
      confirmed.addAll(found);
      server.kill();
    }
  }

  private static Thread killLater(ServingProcess server, int millis) {
    return Thread.ofPlatform()
        .start(() -> {
          try {
            Thread.sleep(millis);
            server.kill();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
  }

  /** Creates and deletes until there is no answer; returns what that was about. */
  private static String churn(ServingProcess server, Random random, Set<String> confirmed)
      throws Exception {
    while (true) {
      String name = "vm" + random.nextInt(NAMES);
      try {
        if (confirmed.contains(name)) {
          assertThat(server.send("DELETE", "/v1/vms/" + name, null).status()).isEqualTo(204);
          confirmed.remove(name);
        } else {
          assertThat(server.send("POST", "/v1/vms", Map.of("name", name)).status()).isEqualTo(201);
          confirmed.add(name);
        }
      } catch (IOException e) {
        return name;
      }
    }
  }

  private static Set<String> names(ServingProcess server) throws Exception {
    List<?> vms = (List<?>) server.send("GET", "/v1/vms", null).json().get("vms");
    return vms.stream()
        .map(vm -> ((Map<?, ?>) vm).get("name").toString())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void machinesOutliveTheServerAndOneThatWasKilledIsTold() throws Exception {
    try {
      DefaultGuest.prepare(ImageCache.ofUser(), Progress.SILENT);
    } catch (ImageException e) {
      abort("skipped: the default guest cannot be fetched here: " + e.getMessage());
    }
    ServingProcess server = new ServingProcess(folder);
    server.start();
    assertThat(
            server
                .send(
                    "POST",
                    "/v1/vms",
                    Map.of("name", "web", "configuration", Map.of("memoryMib", 256)))
                .status())
        .isEqualTo(201);
    Answer started = server.send("POST", "/v1/vms/web/actions", Map.of("type", "start"));
    assertThat(started.status()).as(started.toString()).isEqualTo(200);
    long pid = (Long) state(started).get("pid");
    try {
      server.kill();
      server.start();
      assertThat(state(server.send("GET", "/v1/vms/web", null)))
          .containsEntry("status", "running")
          .containsEntry("pid", pid);
      Answer said =
          server.send(
              "POST",
              "/v1/vms/web/exec",
              Map.of("command", "echo $((6 * 7)); exit 5", "awaitShell", true));
      assertThat(said.json()).containsEntry("exitStatus", 5L).containsEntry("output", "42\n");
      copyThereAndBack(server);
    } finally {
      ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
    }
    ProcessHandle.of(pid).ifPresent(machine -> machine.onExit().join());
    assertThat(state(server.send("GET", "/v1/vms/web", null))).containsEntry("status", "lost");
    Process rz = server.rz("ls");
    assertThat(new String(rz.getInputStream().readAllBytes())).contains("web", "lost");
    assertThat(server.send("DELETE", "/v1/vms/web", null).status()).isEqualTo(204);
    server.kill();
  }

  private void copyThereAndBack(ServingProcess server) throws Exception {
    Path there = Files.createDirectories(folder.resolve("there"));
    Files.write(there.resolve("data"), new byte[10_000]);
    assertThat(said(server.rz("cp", there.toString(), "web:copied"))).isEmpty();
    assertThat(said(server.rz("cp", "web:copied", folder.resolve("back").toString()))).isEmpty();
    assertThat(folder.resolve("back/data")).hasBinaryContent(new byte[10_000]);
    assertThat(said(server.rz("stat", "web"))).contains("vCPUs ran", "exits");
  }

  private static String said(Process process) throws Exception {
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    return said;
  }

  private static Map<String, Object> state(Answer answer) {
    Map<String, Object> state = new LinkedHashMap<>();
    ((Map<?, ?>) answer.json().get("state"))
        .forEach((name, value) -> state.put(name.toString(), value));
    return state;
  }
}
