package dev.ringzero.vmm.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SocketConfigurationTest {
  @Test
  void thePathMayBeFollowedByTheGuestsNumber() {
    assertThat(SocketConfiguration.parse("/tmp/a"))
        .isEqualTo(new SocketConfiguration(Optional.of(Path.of("/tmp/a")), 3));
    assertThat(SocketConfiguration.parse("/tmp/a,cid=77").cid()).isEqualTo(77);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ",cid=4", "/tmp/a,cid=2", "/tmp/a,cid=x", "/tmp/a,cid=4294967295"})
  void whatIsNoPathOrNumberIsRefused(String text) {
    assertThatThrownBy(() -> SocketConfiguration.parse(text))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
