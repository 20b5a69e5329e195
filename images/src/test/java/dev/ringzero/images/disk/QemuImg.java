package dev.ringzero.images.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The other program that reads and writes these images; tests that need it are skipped without. */
final class QemuImg {
  private QemuImg() {}

  static void run(Object... arguments) throws Exception {
    assertThat(status(arguments)).isZero();
  }

  static int status(Object... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("qemu-img"));
    for (Object argument : arguments) {
      command.add(argument.toString());
    }
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getInputStream().readAllBytes();
      return process.waitFor();
    } catch (IOException e) {
      return abort("skipped: no qemu-img on this machine");
    }
  }

  static boolean isThere() {
    try {
      return new ProcessBuilder("qemu-img", "--version").start().waitFor() == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Whether an image has no errors; clusters that nobody uses are none. */
  static void checkConsistent(Path image) throws Exception {
    assertThat(status("check", image)).as("qemu-img check").isIn(0, 3);
  }
}
