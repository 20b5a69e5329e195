package dev.ringzero.cli.terminal;

import dev.ringzero.images.Progress;
import java.io.PrintStream;

/** Shows work in one line at the bottom of a terminal, or in a line a step where there is none. */
public final class ProgressLine implements Progress {
  private static final String CLEAR_LINE = "\r\033[K";
  private static final int MEBIBYTE_SHIFT = 20;

  private final PrintStream err;
  private final boolean terminal;
  private String shown = "";

  public ProgressLine() {
    this(System.err, Terminal.isTerminal(2));
  }

  /** Shows work elsewhere; in one line if that is a terminal. */
  public ProgressLine(PrintStream err, boolean terminal) {
    this.err = err;
    this.terminal = terminal;
  }

  @Override
  public synchronized void at(String step, long doneBytes, long totalBytes) {
    if (terminal) {
      err.print(CLEAR_LINE + "rz: " + step + amount(doneBytes, totalBytes));
      err.flush();
      shown = step;
    } else if (!step.equals(shown)) {
      err.println("rz: " + step);
      shown = step;
    }
  }

  private static String amount(long doneBytes, long totalBytes) {
    return totalBytes == 0
        ? ""
        : " %d of %d MiB".formatted(doneBytes >> MEBIBYTE_SHIFT, totalBytes >> MEBIBYTE_SHIFT);
  }

  /** Takes the line away. */
  public synchronized void clear() {
    if (terminal && !shown.isEmpty()) {
      err.print(CLEAR_LINE);
      err.flush();
    }
    shown = "";
  }
}
