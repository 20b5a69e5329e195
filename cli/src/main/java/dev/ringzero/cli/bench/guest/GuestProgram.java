package dev.ringzero.cli.bench.guest;

import dev.ringzero.cli.bench.Program;
import java.io.IOException;

/**
 * A program inside the guest: {@code programs/NAME.sh} says how it is run, and {@code
 * programs/NAME.expected} what it prints when the processor is right.
 */
record GuestProgram(Program program) {
  String script() {
    return "programs/" + program.name() + ".sh";
  }

  /** What it prints, with one blank between words. */
  String expected() throws IOException {
    return Resources.text("programs/" + program.name() + ".expected").strip();
  }
}
