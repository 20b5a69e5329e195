package dev.ringzero.cli.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringzero.cli.UsageException;
import dev.ringzero.cli.command.Arguments;
import dev.ringzero.images.ImageException;
import dev.ringzero.images.disk.DiskFormat;
import dev.ringzero.images.disk.DiskReport;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskCommandTest {
  @TempDir Path directory;

  private static int disk(Object... words) {
    DiskCommand command = new DiskCommand();
    List<String> texts = List.of(words).stream().map(Object::toString).toList();
    return command.run(Arguments.parse(command, texts));
  }

  @Test
  void aNewImageHasTheSizeAndTheFormatOfItsName() {
    Path qcow2 = directory.resolve("a.qcow2");
    Path raw = directory.resolve("a.img");
    assertThat(disk("create", qcow2, "1G")).isZero();
    assertThat(disk("create", raw, "3M")).isZero();
    assertThat(DiskReport.of(qcow2).sizeBytes()).isEqualTo(1 << 30);
    assertThat(DiskReport.of(qcow2).format()).isEqualTo(DiskFormat.QCOW2);
    assertThat(raw).hasSize(3 << 20);
    assertThat(disk("check", qcow2)).isZero();
    assertThat(disk("info", raw, "--json")).isZero();
  }

  @Test
  void anOverlayNamesItsBaseRelativelyInTheSameFolder() {
    Path base = directory.resolve("base.qcow2");
    Path overlay = directory.resolve("overlay.qcow2");
    disk("create", base, "1G");
    disk("create", overlay, "--backing", base);
    assertThat(DiskReport.of(overlay).qcow2().orElseThrow().backingName()).isEqualTo("base.qcow2");
  }

  @Test
  void wrongUsesAreExplained() throws Exception {
    Path there = Files.createFile(directory.resolve("there.img"));
    assertThatThrownBy(() -> disk("create", there, "1G"))
        .isInstanceOf(ImageException.class)
        .hasMessageContaining("is there already");
    assertThatThrownBy(() -> disk("create", directory.resolve("a.img")))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("needs a size");
    assertThatThrownBy(() -> disk("create", directory.resolve("a.img"), "1X"))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("1X");
    assertThatThrownBy(() -> disk("create", directory.resolve("a"), "1G", "--backing", there))
        .hasMessageContaining("leave 1G out");
    assertThatThrownBy(() -> disk("info", there, "x")).hasMessageContaining("unexpected: x");
    assertThatThrownBy(() -> disk("erase", there)).hasMessageContaining("Known: create");
    assertThatThrownBy(() -> disk("check", directory.resolve("none.qcow2")))
        .isInstanceOf(ImageException.class)
        .hasMessageContaining("no such file");
  }
}
