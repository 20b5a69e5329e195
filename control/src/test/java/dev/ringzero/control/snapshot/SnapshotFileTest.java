package dev.ringzero.control.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringzero.memory.RamImage;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SnapshotFileTest {
  private static final Path RAM = Path.of("ram");

  private static SnapshotFile file() {
    SnapshotFile file = new SnapshotFile();
    file.put(SnapshotFile.ABOUT, Map.of("ringzero", "1", "saved", 17L));
    file.put(SnapshotFile.MACHINE, Map.of("memoryBytes", 1 << 28, "cpus", 2));
    file.put(SnapshotFile.STATE, new byte[] {1, 2, 3});
    BitSet pages = new BitSet();
    pages.set(3, 400);
    RamImage.Piece piece = new RamImage.Piece(0x20_0000, pages, 0xDEAD_BEEF);
    file.put(SnapshotFile.MEMORY, SnapshotFile.memory(new RamImage(RAM, List.of(piece))));
    return file;
  }

  @Test
  void whatIsWrittenIsReadAgain() {
    SnapshotFile read = SnapshotFile.parse(file().toByteArray());
    assertThat(read.toByteArray()).isEqualTo(file().toByteArray());
    assertThat(read.form(SnapshotFile.MACHINE).number("cpus", 1, 8)).isEqualTo(2);
    RamImage image = read.memory(RAM);
    assertThat(image.pieces()).hasSize(1);
    assertThat(image.pieces().getFirst().gpa()).isEqualTo(0x20_0000);
    assertThat(image.pieces().getFirst().pages().cardinality()).isEqualTo(397);
    assertThat(image.pieces().getFirst().checksum()).isEqualTo(0xDEAD_BEEF);
  }

  @Test
  void everyChangedByteAndEveryMissingEndIsNoticed() {
    byte[] good = file().toByteArray();
    for (int i = 0; i < good.length; i++) {
      byte[] bad = good.clone();
      bad[i] ^= 0x40;
      assertThatThrownBy(() -> SnapshotFile.parse(bad)).isInstanceOf(SnapshotException.class);
      byte[] shorter = Arrays.copyOf(good, i);
      assertThatThrownBy(() -> SnapshotFile.parse(shorter)).isInstanceOf(SnapshotException.class);
    }
  }

  @Test
  void formatsOfOthersAreNamed() {
    byte[] later = file().toByteArray();
    later[8] = 2;
    assertThatThrownBy(() -> SnapshotFile.parse(later))
        .hasMessage("it is of format 2, and this RingZero reads format 1");
    assertThatThrownBy(() -> SnapshotFile.parse(new byte[100])).hasMessage("it is no snapshot");
  }

  /** A hostile file has a checksum that fits. */
  @Test
  void hostileContentIsRefusedWithOneLine() throws Exception {
    byte[] good = file().toByteArray();
    SplittableRandom random = new SplittableRandom(1);
    int refused = 0;
    for (int round = 0; round < 20_000; round++) {
      byte[] bad = good.clone();
      for (int change = random.nextInt(1, 4); change > 0; change--) {
        bad[random.nextInt(12, bad.length - 32)] = (byte) random.nextInt();
      }
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(bad, 0, bad.length - 32);
      System.arraycopy(digest.digest(), 0, bad, bad.length - 32, 32);
      try {
        SnapshotFile read = SnapshotFile.parse(bad);
        read.form(SnapshotFile.ABOUT).text("ringzero");
        read.form(SnapshotFile.MACHINE).number("cpus", 1, 8);
        read.memory(RAM);
      } catch (SnapshotException e) {
        assertThat(e.getMessage()).doesNotContain("\n");
        refused++;
      }
    }
    assertThat(refused).isPositive();
  }

  @Test
  void disksOutsideTheSnapshotsFolderAreRefused() {
    for (String file : List.of("/etc/passwd", "../disk0.raw", "a/b", "..", ".lock")) {
      Form form =
          new Form(
              Map.of(
                  "copied", true, "file", file, "bytes", 1L, "changed", 1L, "backing", "DENY",
                  "cache", "UNSAFE"));
      assertThatThrownBy(() -> SavedDisk.read(form, Path.of("/snapshots/a.files")))
          .isInstanceOf(SnapshotException.class);
    }
  }
}
