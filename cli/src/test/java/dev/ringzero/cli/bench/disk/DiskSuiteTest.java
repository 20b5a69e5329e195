package dev.ringzero.cli.bench.disk;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DiskSuiteTest {
  @Test
  void aScriptPreparesTheDiskAndMakesTheRequests() {
    String script = DiskProgram.ALL.getFirst().script("prepare() { true; }\n");
    assertThat(script)
        .isEqualTo("prepare() { true; }\nwork() {\n  /tmp/disk read ordered 1048576 512 1\n}\n");
  }

  @Test
  void allProgramsHaveNamesOfTheirOwn() {
    assertThat(DiskProgram.ALL).extracting(one -> one.program().name()).doesNotHaveDuplicates();
  }

  @Test
  void eachBlockOfTheDiskHoldsItsNumber(@TempDir Path folder) throws IOException {
    Path disk = folder.resolve("disk");
    DiskGuest.writeDisk(disk);
    try (RandomAccessFile file = new RandomAccessFile(disk.toFile(), "r")) {
      for (long block : new long[] {0, 1, 255, 256, 65535}) {
        file.seek(block * 4096 + 4088);
        assertThat(Long.reverseBytes(file.readLong())).isEqualTo(block);
      }
    }
  }
}
