package dev.ringzero.control.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class GuestExecTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  private final List<String> asked = new ArrayList<>();
  private String answer = "";
  private final GuestExec exec = new GuestExec(this::hear);

  private int hear(byte[] bytes, int offset, int lengthBytes) {
    int taken = Math.min(lengthBytes, 7);
    asked.add(new String(bytes, offset, taken, StandardCharsets.US_ASCII));
    if (taken == lengthBytes) {
      byte[] said = answer.getBytes(StandardCharsets.ISO_8859_1);
      exec.output(said, said.length);
    }
    return taken;
  }

  @Test
  void commandGoesAsALineAndItsStatusAndOutputComeBack() throws Exception {
    answer = "ready\nexec 1 3 aGVsbG8=\n";
    GuestExec.Result result = exec.run("echo hello; exit 3", LIMIT, () -> false);
    assertThat(String.join("", asked)).isEqualTo("exec 1 ZWNobyBoZWxsbzsgZXhpdCAz\n");
    assertThat(result.status()).isEqualTo(3);
    assertThat(result.output()).asString().isEqualTo("hello");
  }

  @Test
  void linesThatAreNoAnswerAreSkipped() throws Exception {
    answer =
        "exec 2 0 \nexec 1 9999 \nexec 1 0 a=b=c\nexec one 0 \n"
            + "x".repeat(1 << 20)
            + "\nexec 1 0 \n";
    assertThat(exec.run("true", LIMIT, () -> false).output()).isEmpty();
  }

  @Test
  void silentGuestAndAMachineThatEndedAreNotWaitedFor() {
    assertThatThrownBy(() -> exec.run("true", Duration.ofMillis(1), () -> false))
        .hasMessage("the command did not end within 0 s");
    assertThatThrownBy(() -> exec.run("true", LIMIT, () -> true))
        .hasMessage("the machine ended before the command did");
    assertThatThrownBy(() -> exec.run("x".repeat(16385), LIMIT, () -> false))
        .hasMessage("a command has at most 16384 bytes, not 16385");
  }
}
