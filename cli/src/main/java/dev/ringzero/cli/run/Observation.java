package dev.ringzero.cli.run;

import dev.ringzero.control.run.GuestRun;
import java.io.BufferedWriter;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;

/** What a run shows of its inside while it goes: a trace on the error stream. */
final class Observation implements AutoCloseable {
  private static final int BUFFER_CHARACTERS = 1 << 16;

  private final Writer lines =
      new BufferedWriter(
          new OutputStreamWriter(new FileOutputStream(FileDescriptor.err), StandardCharsets.UTF_8),
          BUFFER_CHARACTERS);

  /** Begins before the machine starts. */
  Observation(GuestRun run, RunOptions options) {
    options.trace().ifPresent(kind -> run.traceFromStart(kind, this::line));
  }

  private synchronized void line(String text) {
    try {
      lines.write(text);
      lines.write("\r\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public synchronized void close() throws IOException {
    lines.flush();
  }
}
