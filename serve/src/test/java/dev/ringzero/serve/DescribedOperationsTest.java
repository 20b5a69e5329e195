package dev.ringzero.serve;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.control.protocol.Json;
import dev.ringzero.serve.ServedApi.Answer;
import dev.ringzero.serve.description.ApiDescription;
import dev.ringzero.serve.description.Operation;
import dev.ringzero.serve.description.SchemaCheck;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each operation of the description is served as it says: tests that are made from the file. */
final class DescribedOperationsTest {
  private static final ApiDescription DESCRIPTION = ApiDescription.builtIn();
  private static final SchemaCheck CHECK = new SchemaCheck(DESCRIPTION);
  private static final SchemaSamples SAMPLES = new SchemaSamples(DESCRIPTION);

  /** Those that need a machine which does not run. */
  private static final Set<String> OF_RESTING = Set.of("changeVm", "deleteVm", "actOnVm");

  @TempDir private Path folder;
  private ServedApi api;

  @BeforeEach
  void serve() throws Exception {
    api = new ServedApi(folder);
    Files.writeString(api.store.resolve("sample"), "");
  }

  @AfterEach
  void end() throws Exception {
    api.close();
  }

  static List<Operation> operations() {
    return DESCRIPTION.operations();
  }

  static Stream<Operation> answered() {
    return operations().stream().filter(operation -> !operation.webSocket());
  }

  private static String path(Operation operation) {
    String id = operation.id();
    String name = OF_RESTING.contains(id) ? ServedApi.RESTING : ServedApi.RUNNING;
    boolean process = id.endsWith("Switch") || id.endsWith("Nic") || id.endsWith("Host");
    return operation.path().replace("{name}", process ? "sample" : name);
  }

  private void prepare(Operation operation) throws Exception {
    if (operation.id().matches("(get|delete)(Switch|Nic|Host)")) {
      String path = operation.path().substring(0, operation.path().lastIndexOf('/'));
      assertThat(api.send("POST", path, Map.of("name", "sample")).status()).isEqualTo(201);
    }
  }

  @ParameterizedTest
  @MethodSource("answered")
  void aRequestAsDescribedIsAnsweredAsDescribed(Operation operation) throws Exception {
    prepare(operation);
    for (boolean all : new boolean[] {false, true}) {
      Object body = operation.body().map(schema -> SAMPLES.valid(schema, all)).orElse(null);
      String query = operation.path().endsWith("/files") ? "?path=/etc/motd" : "";
      Answer answer = api.send(operation.method(), path(operation) + query, body);
      boolean again = all && operation.method().matches("POST|DELETE");
      boolean none = operation.id().endsWith("Snapshot") && !operation.method().equals("POST");
      if (none) {
        assertThat(answer.status()).isEqualTo(404);
      } else if (again) {
        assertThat(answer.status()).as(answer.text()).isNotEqualTo(405).isLessThan(500);
      } else {
        assertThat(answer.status()).as(answer.text()).isBetween(200, 204);
      }
      checkAnswer(operation, answer);
    }
  }

  private static void checkAnswer(Operation operation, Answer answer) throws Exception {
    var schema = DESCRIPTION.answer(operation, answer.status());
    if (schema.isPresent()) {
      assertThat(CHECK.complaint(schema.get(), "", answer.json())).as(answer.text()).isEmpty();
      assertThat(answer.type())
          .isEqualTo(answer.status() < 400 ? "application/json" : "application/problem+json");
    }
  }

  static Stream<Operation> withBody() {
    return operations().stream().filter(operation -> operation.body().isPresent());
  }

  @ParameterizedTest
  @MethodSource("withBody")
  void aBodyThatIsWrongInOnePlaceIsRefusedInOneLine(Operation operation) throws Exception {
    List<Object> wrong = SAMPLES.wrong(operation.body().orElseThrow());
    assertThat(wrong).isNotEmpty();
    for (Object body : wrong) {
      Answer answer = api.send(operation.method(), path(operation), Json.write(body));
      assertThat(answer.status()).as(body + " " + answer.text()).isEqualTo(400);
      assertThat(answer.json().get("detail").toString()).doesNotContain("\n").isNotBlank();
      checkAnswer(operation, answer);
    }
    assertThat(api.registry.names()).containsExactly(ServedApi.RESTING, ServedApi.RUNNING);
  }

  @ParameterizedTest
  @MethodSource("operations")
  void whatTheDescriptionDoesNotSayIsNotServed(Operation operation) throws Exception {
    Set<String> described = new TreeSet<>();
    operations().stream()
        .filter(other -> other.path().equals(operation.path()))
        .forEach(other -> described.add(other.method()));
    for (String method : List.of("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")) {
      if (!described.contains(method)) {
        assertThat(api.send(method, path(operation), null).status()).isEqualTo(405);
      }
    }
    assertThat(api.get(path(operation) + "/more").status()).isEqualTo(404);
    if (!operation.webSocket() && operation.body().isEmpty()) {
      assertThat(api.send(operation.method(), path(operation) + "?unknown=1", null).status())
          .isEqualTo(400);
    }
  }

  @ParameterizedTest
  @MethodSource("operations")
  void nothingIsDoneWithoutTheToken(Operation operation) throws Exception {
    Object body = operation.body().map(schema -> SAMPLES.valid(schema, false)).orElse(null);
    for (String said : List.of("", "Bearer", "Bearer " + "x".repeat(43), "Basic eDp4")) {
      var request = api.plain(operation.method(), path(operation), body);
      Answer answer =
          api.send(
              said.isEmpty() ? request.build() : request.header("Authorization", said).build());
      assertThat(answer.status()).isEqualTo(401);
      checkAnswer(operation, answer);
    }
    Answer foreign =
        api.send(
            api.authorized(operation.method(), path(operation), body)
                .header("Origin", "https://evil.example")
                .build());
    assertThat(foreign.status()).isEqualTo(403);
    assertThat(api.fake(ServedApi.RUNNING).asked()).isEmpty();
    assertThat(api.registry.names()).containsExactly(ServedApi.RESTING, ServedApi.RUNNING);
  }

  @ParameterizedTest
  @MethodSource("operations")
  void aNameThatIsNoneIsRefused(Operation operation) throws Exception {
    if (operation.path().contains("{name}")) {
      Object body = operation.body().map(schema -> SAMPLES.valid(schema, false)).orElse(null);
      for (String name :
          List.of("nope", "-x", "a%20b", "x".repeat(41), "%00", ".", "..", "a%2Fb")) {
        String path = operation.path().replace("{name}", name);
        Answer answer = api.send(operation.method(), path, body);
        assertThat(answer.status()).as(path).isIn(400, 404, 405, 426);
      }
    }
  }

  @Test
  void theDescriptionIsServedAsItIs() throws Exception {
    assertThat(api.get("/v1/openapi.yaml").text()).isEqualTo(DESCRIPTION.text());
  }
}
