package dev.ringzero.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Many clients at once; more requests with -Dringzero.api.requests. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
final class LoadTest {
  private static final int CLIENTS = 8;
  private static final int REQUESTS = Integer.getInteger("ringzero.api.requests", 800);

  @TempDir private Path folder;

  @Test
  void eachClientGetsItsOwnAnswersAndNothingIsLeft() throws Exception {
    try (ServedApi api = new ServedApi(folder);
        ExecutorService clients = Executors.newFixedThreadPool(CLIENTS)) {
      List<Callable<Integer>> work = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        String name = "load" + i;
        work.add(() -> churn(api, name));
      }
      int rounds = 0;
      for (Future<Integer> client : clients.invokeAll(work)) {
        rounds += client.get();
      }
      assertThat(rounds).isEqualTo(REQUESTS / 8 / CLIENTS * CLIENTS);
      assertThat(api.registry.names()).containsExactly("rest", "web");
      assertThat(api.get("/metrics").text())
          .contains("ringzero_api_requests_total{operation=\"createVm\",status=\"201\"} ");
    }
  }

  private static int churn(ServedApi api, String name) throws Exception {
    int rounds = REQUESTS / 8 / CLIENTS;
    for (int i = 0; i < rounds; i++) {
      long cpus = i % 8 + 1;
      Map<String, Object> wanted = Map.of("name", name, "configuration", Map.of("cpus", cpus));
      assertThat(api.send("POST", "/v1/vms", wanted).status()).isEqualTo(201);
      assertThat(api.send("POST", "/v1/vms", wanted).status()).isEqualTo(409);
      assertThat(api.get("/v1/vms/" + name).json().get("configuration"))
          .isEqualTo(Map.of("cpus", cpus));
      assertThat(api.get("/v1/vms").status()).isEqualTo(200);
      assertThat(api.get("/v1/vms/web/statistics").status()).isEqualTo(200);
      assertThat(api.send("POST", "/v1/vms/web/exec", Map.of("command", name)).json())
          .containsEntry("output", "said " + name);
      assertThat(api.send("DELETE", "/v1/vms/" + name, null).status()).isEqualTo(204);
      assertThat(api.get("/v1/vms/" + name).status()).isEqualTo(404);
    }
    return rounds;
  }
}
