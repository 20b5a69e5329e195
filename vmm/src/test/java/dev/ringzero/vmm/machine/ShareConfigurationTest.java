package dev.ringzero.vmm.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ShareConfigurationTest {
  @Test
  void aFolderAndItsPlaceArePartedByTheLastColonInFrontOfASlash() {
    assertThat(ShareConfiguration.parse("./a:b:/mnt/x"))
        .isEqualTo(new ShareConfiguration(Path.of("./a:b"), "/mnt/x", false));
    assertThat(ShareConfiguration.parse("/src:/mnt/x,ro"))
        .isEqualTo(new ShareConfiguration(Path.of("/src"), "/mnt/x", true));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "src", "src:mnt", ":/mnt", "src:/", "src:/a/../b", "src:/a\nb"})
  void whatIsNoFolderAndPlaceIsRefused(String text) {
    assertThatThrownBy(() -> ShareConfiguration.parse(text))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
