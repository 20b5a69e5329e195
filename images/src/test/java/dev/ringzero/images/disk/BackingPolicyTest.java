package dev.ringzero.images.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringzero.images.ImageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An image of a stranger's names a file of the host as its backing file. */
class BackingPolicyTest {
  private static final int SIZE = 1 << 20;

  @TempDir Path directory;
  private Path images;
  private Path secret;

  @BeforeEach
  void makeFolders() throws IOException {
    images = Files.createDirectory(directory.resolve("images"));
    secret = Files.write(directory.resolve("secret.raw"), new byte[SIZE]);
  }

  private Path overlayOf(String name) {
    Path overlay = images.resolve("overlay.qcow2");
    DiskImages.createOverlay(overlay, Path.of(name), DiskFormat.RAW);
    return overlay;
  }

  private static void open(Path overlay, BackingPolicy policy) throws IOException {
    DiskImages.open(overlay, false, Optional.empty(), policy).close();
  }

  @Test
  void aFileInTheSameFolderMayBeNamed() throws IOException {
    Files.write(images.resolve("base.raw"), new byte[SIZE]);
    open(overlayOf("base.raw"), BackingPolicy.FOLDER);
  }

  @Test
  void aFileOutsideTheFolderNeedsConsent() throws IOException {
    Path overlay = overlayOf(secret.toString());
    assertThatThrownBy(() -> open(overlay, BackingPolicy.FOLDER))
        .isInstanceOf(ImageException.class)
        .hasMessageContaining("outside its own folder")
        .hasMessageContaining(",backing=allow");
    open(overlay, BackingPolicy.ALLOW);
  }

  @Test
  void aWayUpOutOfTheFolderNeedsConsent() {
    Path overlay = overlayOf("../secret.raw");
    assertThatThrownBy(() -> open(overlay, BackingPolicy.FOLDER))
        .hasMessageContaining("outside its own folder");
  }

  @Test
  void aLinkOutOfTheFolderNeedsConsent() throws IOException {
    Files.createSymbolicLink(images.resolve("base.raw"), secret);
    Path overlay = overlayOf("base.raw");
    assertThatThrownBy(() -> open(overlay, BackingPolicy.FOLDER))
        .hasMessageContaining("outside its own folder");
  }

  @Test
  void whatABackingFileNamesIsCheckedToo() throws IOException {
    Path middle = overlayOf(secret.toString());
    Path top = images.resolve("top.qcow2");
    DiskImages.createOverlay(top, middle.getFileName(), DiskFormat.QCOW2);
    assertThatThrownBy(() -> open(top, BackingPolicy.FOLDER))
        .hasMessageContaining("outside its own folder");
    open(top, BackingPolicy.ALLOW);
  }

  @Test
  void noBackingFileAtAllCanBeAskedFor() throws IOException {
    Files.write(images.resolve("base.raw"), new byte[SIZE]);
    Path overlay = overlayOf("base.raw");
    assertThatThrownBy(() -> open(overlay, BackingPolicy.DENY))
        .hasMessageContaining("has a backing file, base.raw, and may not");
  }

  @Test
  void aMissingBackingFileIsNamed() throws IOException {
    Files.write(images.resolve("base.raw"), new byte[SIZE]);
    Path overlay = overlayOf("base.raw");
    Files.delete(images.resolve("base.raw"));
    assertThatThrownBy(() -> open(overlay, BackingPolicy.FOLDER))
        .hasMessageContaining("has a backing file that is missing: base.raw");
    assertThat(overlay).exists();
  }
}
