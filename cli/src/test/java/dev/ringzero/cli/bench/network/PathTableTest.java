package dev.ringzero.cli.bench.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class PathTableTest {
  private static final NetworkProgram SENDING =
      NetworkProgram.ALL.stream()
          .filter(traffic -> !traffic.toHost() && traffic.bytes() > 0)
          .findFirst()
          .orElseThrow();

  @Test
  void whatWasCountedIsSaidOfAFrameThatOneGuestSentAndTheOtherReceived() {
    PathTable table = new PathTable();
    MachineCounts counts = new MachineCounts(300, 200, 3_000_000, 50, 25, 10);
    String line =
        table.add(
            new PathTable.Row("vf", SENDING, 2, Duration.ofSeconds(4), 2, counts), "path-send");
    assertThat(line)
        .startsWith("  path-send        128 MiB/s, 0.93 s a Gbit of processors")
        .endsWith("3.00 exits, 0.50 doorbells, 0.25 callbacks, 0.10 interrupts, 15,000 bytes");
    assertThat(table.markdown())
        .hasSize(3)
        .last()
        .isEqualTo(
            "| TCP, sending | vf | 128 MiB/s | 0.93 s a Gbit | 3.00 | 0.50 | 0.25 | 0.10 | 15,000 |");
  }

  @Test
  void othersAreNotCounted() {
    PathTable table = new PathTable();
    assertThat(table.markdown()).isEmpty();
    table.add(
        new PathTable.Row("QEMU", SENDING, 2, Duration.ZERO, 1, MachineCounts.NONE), "path-send");
    assertThat(table.markdown()).last().asString().endsWith("| 0.00 s a Gbit | | | | | |");
  }
}
