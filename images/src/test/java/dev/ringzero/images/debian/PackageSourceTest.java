package dev.ringzero.images.debian;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringzero.images.ImageException;
import org.junit.jupiter.api.Test;

final class PackageSourceTest {
  @Test
  void aLineOfAptGetIsRead() {
    PackageSource source =
        PackageSource.parse("'http://host/pool/b_1%2b.deb' b_1%3a1_amd64.deb 928188 SHA256:3d3f");

    assertThat(source).isEqualTo(new PackageSource("b_1%3a1_amd64.deb", 928188, "3d3f"));
  }

  @Test
  void aSourceWithoutSha256IsRefused() {
    assertThatThrownBy(() -> PackageSource.parse("'http://host/b.deb' b.deb 12 MD5Sum:aa"))
        .isInstanceOf(ImageException.class);
  }
}
