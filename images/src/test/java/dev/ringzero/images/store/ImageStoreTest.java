package dev.ringzero.images.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringzero.images.ImageException;
import dev.ringzero.images.disk.Disk;
import dev.ringzero.images.disk.DiskFormat;
import dev.ringzero.images.disk.DiskImages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ImageStoreTest {
  @TempDir private Path directory;

  private ImageStore store() {
    return new ImageStore(directory.resolve("images"));
  }

  private static StoredImage image(String name, Path disk) {
    return new StoredImage(
        name,
        disk,
        DiskFormat.RAW,
        1 << 20,
        "abc",
        Instant.parse("2026-01-02T03:04:05Z"),
        List.of(new StoredImage.PackageEntry("python3", "3.11", "def")));
  }

  private StoredImage build(String name) throws IOException {
    try (BuildPlace place = store().newPlace()) {
      Path disk = place.file("disk.img");
      DiskImages.create(disk, DiskFormat.RAW, 1 << 20);
      return store().take(disk, image(name, disk));
    }
  }

  private List<String> files() throws IOException {
    try (Stream<Path> files = Files.list(directory.resolve("images"))) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void whatWasBuiltIsFoundAgain() throws IOException {
    StoredImage built = build("py");
    assertThat(store().find("py")).contains(built);
    assertThat(store().list()).containsExactly(built);
    assertThat(built.disk()).exists().hasParent(directory.resolve("images"));
    assertThat(built.packages())
        .containsExactly(new StoredImage.PackageEntry("python3", "3.11", "def"));
  }

  @Test
  void anEmptyStoreHasNoImages() {
    assertThat(store().list()).isEmpty();
    assertThat(store().find("py")).isEmpty();
    assertThat(store().find("../py")).isEmpty();
  }

  @Test
  void anImageThatIsBuiltAnewReplacesTheOldOne() throws IOException {
    StoredImage old = build("py");
    DiskImages.createOverlay(ImageStore.changes(old.disk()), old.disk());
    StoredImage replaced = build("py");
    assertThat(store().list()).containsExactly(replaced);
    assertThat(old.disk()).doesNotExist();
    assertThat(ImageStore.changes(old.disk())).doesNotExist();
  }

  @Test
  void whatIsRemovedIsGone() throws IOException {
    StoredImage built = build("py");
    store().remove(built);
    assertThat(store().list()).isEmpty();
    assertThat(files()).containsExactly(".lock");
  }

  @Test
  void anImageThatAMachineUsesStays() throws IOException {
    StoredImage built = build("py");
    try (Disk used = DiskImages.open(built.disk(), true, Optional.of(DiskFormat.RAW))) {
      assertThat(used.sizeBytes()).isEqualTo(1 << 20);
      assertThatThrownBy(() -> store().remove(built))
          .isInstanceOf(ImageException.class)
          .hasMessageContaining("in use");
    }
    assertThat(store().find("py")).contains(built);
  }

  @Test
  void aFileOutsideTheStoreStaysWhenItsNameGoes() throws IOException {
    Path file = directory.resolve("py.img");
    DiskImages.create(file, DiskFormat.RAW, 1 << 20);
    store().add(image("py", file));
    store().remove(store().find("py").orElseThrow());
    assertThat(file).exists();
    assertThat(store().list()).isEmpty();
  }

  @Test
  void leftoversOfBuildsThatWereKilledAreClearedAway() throws IOException {
    StoredImage built = build("py");
    Path images = directory.resolve("images");
    Files.createFile(images.resolve("other-123.img"));
    Path abandoned = Files.createDirectory(images.resolve(".build-1"));
    Files.createFile(abandoned.resolve("lock"));
    Files.createFile(abandoned.resolve("disk.img"));
    try (BuildPlace place = store().newPlace()) {
      assertThat(abandoned).doesNotExist();
      assertThat(images.resolve("other-123.img")).doesNotExist();
      assertThat(built.disk()).exists();
      try (BuildPlace second = store().newPlace()) {
        assertThat(place.file("lock")).exists();
        assertThat(second.file("lock")).exists();
      }
    }
  }

  @Test
  void changesCanBeForgotten() throws IOException {
    StoredImage built = build("py");
    Path changes = ImageStore.changes(built.disk());
    DiskImages.createOverlay(changes, built.disk());
    try (Disk used = DiskImages.open(changes, false, Optional.of(DiskFormat.QCOW2))) {
      assertThat(used.sizeBytes()).isEqualTo(1 << 20);
      assertThatThrownBy(() -> store().reset(built)).hasMessageContaining("in use");
    }
    store().reset(built);
    store().reset(built);
    assertThat(changes).doesNotExist();
    assertThat(built.disk()).exists();
  }

  @Test
  void aDamagedDescriptionIsNamed() throws IOException {
    build("py");
    Files.writeString(directory.resolve("images/py.image"), "Image: py\nDisk: \0\n");
    assertThatThrownBy(() -> store().list())
        .isInstanceOf(ImageException.class)
        .hasMessageContaining("py.image");
  }
}
