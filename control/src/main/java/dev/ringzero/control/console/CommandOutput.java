package dev.ringzero.control.console;

import dev.ringzero.vmm.machine.Console;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;

/**
 * What a command in the guest writes, and the status with which it ends. Both come on one stream:
 * the output, byte by byte, then a line of a mark that nobody can guess and the status.
 */
public final class CommandOutput implements Console.Listener {
  private static final int LONGEST_STATUS = 10;

  private final OutputStream out;
  private final byte[] mark;
  private final StringBuilder status = new StringBuilder();
  private int matched;
  private volatile boolean ended;
  private volatile boolean broken;

  public CommandOutput(String mark, OutputStream out) {
    this.mark = ("\n" + mark + " ").getBytes(StandardCharsets.US_ASCII);
    this.out = out;
  }

  @Override
  public void output(byte[] bytes, int lengthBytes) {
    try {
      for (int i = 0; i < lengthBytes && !ended; i++) {
        take(bytes[i]);
      }
      out.flush();
    } catch (IOException e) {
      // Nobody reads any more; the guest may go on.
      broken = true;
    }
  }

  private void take(byte value) throws IOException {
    if (matched == mark.length) {
      takeStatus(value);
    } else if (value == mark[matched]) {
      matched++;
    } else {
      release();
      if (value == mark[0]) {
        matched = 1;
      } else {
        write(value);
      }
    }
  }

  private void takeStatus(byte value) {
    if (value == '\n' || status.length() == LONGEST_STATUS) {
      ended = true;
    } else {
      status.append((char) value);
    }
  }

  /** What looked like the mark was output. */
  private void release() throws IOException {
    for (int i = 0; i < matched; i++) {
      write(mark[i]);
    }
    matched = 0;
  }

  private void write(byte value) throws IOException {
    if (!broken) {
      out.write(value);
    }
  }

  /** No more will come: what only began like the mark was output. */
  public void close() {
    try {
      if (!ended && matched < mark.length) {
        release();
        out.flush();
      }
    } catch (IOException e) {
      broken = true;
    }
  }

  /** The command's exit status; empty while it has not ended. */
  public OptionalInt status() {
    try {
      return ended
          ? OptionalInt.of(Integer.parseInt(status.toString().strip()))
          : OptionalInt.empty();
    } catch (NumberFormatException e) {
      return OptionalInt.empty();
    }
  }
}
