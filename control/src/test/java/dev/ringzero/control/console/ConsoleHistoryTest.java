package dev.ringzero.control.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class ConsoleHistoryTest {
  private final ConsoleHistory history = new ConsoleHistory();

  private void give(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    history.output(bytes, bytes.length);
  }

  @Test
  void aFollowerBeginsWithWhatIsKept() throws InterruptedException {
    give("before ");
    ConsoleHistory.Follower follower = history.follow();
    give("after");
    byte[] bytes = new byte[100];

    assertThat(new String(bytes, 0, follower.read(bytes), StandardCharsets.US_ASCII))
        .isEqualTo("before after");
  }

  @Test
  void aFollowerEndsWhenTheConsoleIsClosedAndAllWasRead() throws InterruptedException {
    give("x");
    ConsoleHistory.Follower follower = history.follow();
    history.close();

    assertThat(follower.read(new byte[10])).isEqualTo(1);
    assertThat(follower.read(new byte[10])).isEqualTo(-1);
  }

  @Test
  void aFollowerThatIsTooSlowLosesTheOldestBytes() throws InterruptedException {
    ConsoleHistory.Follower follower = history.follow();
    give("a".repeat(200_000) + "end");
    byte[] bytes = new byte[300_000];
    int count = follower.read(bytes);

    assertThat(count).isLessThan(200_000);
    assertThat(new String(bytes, count - 3, 3, StandardCharsets.US_ASCII)).isEqualTo("end");
  }
}
