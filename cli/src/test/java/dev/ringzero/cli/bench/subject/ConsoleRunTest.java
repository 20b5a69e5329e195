package dev.ringzero.cli.bench.subject;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConsoleRunTest {
  private static final Duration LONG = Duration.ofSeconds(30);

  @Test
  void markersAreFoundOneBehindTheOther() throws Exception {
    try (ConsoleRun run = shell("echo a: 1; read word; echo a: $word")) {
      run.await("a: ", LONG);
      assertThat(run.restOfLine(LONG)).isEqualTo("1");
      run.type("2");
      run.await("a: ", LONG);
      assertThat(run.restOfLine(LONG)).isEqualTo("2");
    }
  }

  @Test
  void aGuestThatHangsIsNotWaitedFor() throws Exception {
    try (ConsoleRun run = shell("echo stuck here; exec sleep 60")) {
      run.await("here", LONG);
      assertThatThrownBy(() -> run.await("never", Duration.ofMillis(10)))
          .isInstanceOf(GuestException.class)
          .hasMessageContaining("no answer")
          .hasMessageContaining("stuck here");
    }
  }

  @Test
  void aGuestThatEndsSaysWhatItSaidLast() throws Exception {
    try (ConsoleRun run = shell("echo Kernel panic")) {
      assertThatThrownBy(() -> run.await("never", LONG))
          .isInstanceOf(GuestException.class)
          .hasMessageContaining("the guest ended: Kernel panic");
    }
  }

  @Test
  void closingEndsTheProcess() throws Exception {
    ConsoleRun run = shell("exec sleep 60");
    run.close();
    run.awaitEnd(LONG);
  }

  private static ConsoleRun shell(String script) throws IOException {
    return new ConsoleRun(List.of("sh", "-c", script));
  }
}
