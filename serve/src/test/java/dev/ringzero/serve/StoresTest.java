package dev.ringzero.serve;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.serve.ServedApi.Answer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Names of files in requests stay inside the stores. */
final class StoresTest {
  @TempDir private Path folder;
  private ServedApi api;

  @BeforeEach
  void serve() throws Exception {
    api = new ServedApi(folder);
    Files.createDirectory(api.store.resolve("sub"));
    Files.writeString(api.store.resolve("sub/a.img"), "disk");
    Files.writeString(folder.resolve("secret"), "secret");
    Files.createSymbolicLink(api.store.resolve("link.img"), folder.resolve("secret"));
    Files.createSymbolicLink(api.store.resolve("out"), folder);
    Files.createSymbolicLink(api.store.resolve("inner"), api.store.resolve("sub"));
  }

  @AfterEach
  void end() throws Exception {
    api.close();
  }

  private Answer create(String name, Map<String, Object> configuration) throws Exception {
    return api.send("POST", "/v1/vms", Map.of("name", name, "configuration", configuration));
  }

  private static Map<String, Object> disk(String path) {
    return Map.of("disks", List.of(Map.of("path", path)));
  }

  @Test
  void aFileInTheStoreIsKnownByItsWholePath() throws Exception {
    assertThat(create("a", disk("sub/a.img")).status()).isEqualTo(201);
    assertThat(create("b", disk(api.store.resolve("sub/a.img").toString())).status())
        .isEqualTo(201);
    assertThat(api.registry.get("a").configuration().arguments())
        .isEqualTo(api.registry.get("b").configuration().arguments())
        .containsExactly("--disk=" + api.store.resolve("sub/a.img"));
  }

  @Test
  void nothingOutsideIsReachedByDotsLinksOrWholePaths() throws Exception {
    List<String> outside =
        List.of(
            "../secret",
            "sub/../../secret",
            "./sub/a.img",
            folder.resolve("secret").toString(),
            "/etc/shadow",
            api.store + "/../secret",
            api.store + "x/secret",
            "link.img",
            "out/secret",
            "inner/a.img",
            "missing/a.img");
    for (String path : outside) {
      assertThat(create("x", disk(path)).status()).as(path).isEqualTo(422);
      assertThat(create("x", Map.of("kernel", path)).status()).as(path).isEqualTo(422);
      Map<String, Object> share = Map.of("path", path, "mount", "/m");
      assertThat(create("x", Map.of("shares", List.of(share))).status()).isEqualTo(422);
      Map<String, Object> change = new LinkedHashMap<>();
      change.put("configuration", Map.of("vsock", Map.of("path", path)));
      assertThat(api.send("PATCH", "/v1/vms/rest", change).status()).as(path).isEqualTo(422);
    }
    for (String smuggled : List.of("sub/a.img,backing=allow", "sub/a.img\nx", "sub/a\u0000.img")) {
      assertThat(create("x", disk(smuggled)).status()).as(smuggled).isEqualTo(422);
    }
    assertThat(api.registry.names()).containsExactly("rest", "web");
  }

  @Test
  void whatHasBecomeALinkIsNotUsedAtTheStart() throws Exception {
    assertThat(create("a", disk("sub/a.img")).status()).isEqualTo(201);
    Files.delete(api.store.resolve("sub/a.img"));
    Files.createSymbolicLink(api.store.resolve("sub/a.img"), folder.resolve("secret"));
    assertThat(api.send("POST", "/v1/vms/a/actions", Map.of("type", "start")).status())
        .isEqualTo(422);
  }

  @Test
  void whatRzRunWouldRefuseIsRefusedAtOnce() throws Exception {
    Answer answer = create("a", Map.of("cpus", 13));
    assertThat(answer.status()).isEqualTo(422);
    assertThat(answer.json().get("detail")).isEqualTo("--cpus 13 is unlucky");
  }

  @Test
  void aPathOfARequestNeverReachesAFile() throws Exception {
    for (String path :
        List.of(
            "/v1/vms/..%2f..%2fetc",
            "/v1/../../etc/passwd",
            "/v1/vms/%2e%2e",
            "//etc/passwd",
            "/v1/vms/web/../../..",
            "/v1/snapshots/..%5c..",
            "/V1/vms")) {
      assertThat(
              api.raw(
                  "GET %s HTTP/1.1\r\nHost: localhost:%d\r\nConnection: close\r\n"
                          .formatted(path, api.port())
                      + "Authorization: Bearer "
                      + api.token.text()
                      + "\r\n\r\n"))
          .as(path)
          .matches("(?s)HTTP/1.1 40[04].*");
    }
  }
}
