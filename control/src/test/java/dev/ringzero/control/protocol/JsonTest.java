package dev.ringzero.control.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringzero.control.protocol.Json.MalformedJsonException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class JsonTest {
  @Test
  void whatIsWrittenIsReadBack() throws MalformedJsonException {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("text", "a \"quoted\"\nline");
    object.put("number", 1L << 40);
    object.put("fraction", 0.5);
    object.put("yes", true);
    object.put("nothing", null);
    object.put("list", Arrays.asList(1L, "two", List.of(), Map.of()));
    object.put("object", Map.of("a", Map.of("b", 2L)));

    assertThat(Json.read(Json.write(object))).isEqualTo(object);
  }

  @Test
  void anObjectIsOneLine() {
    assertThat(Json.write(Map.of("a", "x\ny"))).isEqualTo("{\"a\":\"x\\ny\"}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[]", "{", "{\"a\":}", "hello", "{\"a\":[1,}"})
  void whatIsNoObjectIsRefused(String text) {
    assertThatThrownBy(() -> Json.read(text)).isInstanceOf(MalformedJsonException.class);
  }
}
