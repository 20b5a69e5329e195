package dev.ringzero.cli.run;

import dev.ringzero.cli.UsageException;
import dev.ringzero.control.run.GuestRun;
import dev.ringzero.vmm.gdb.GdbServer;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * What a run shows of its inside while it goes: a trace on the error stream, and a debugger's view.
 */
final class Observation implements AutoCloseable {
  private static final int BUFFER_CHARACTERS = 1 << 16;

  private final Writer lines;
  private final Optional<GdbServer> gdb;
  private final String lineEnd;
  private boolean broken;

  /**
   * Begins before the machine starts.
   *
   * @param err where traces are shown
   * @param raw whether our terminal is raw, so that a line needs a carriage return
   */
  Observation(GuestRun run, RunOptions options, PrintStream err, boolean raw) {
    lines =
        new BufferedWriter(new OutputStreamWriter(err, StandardCharsets.UTF_8), BUFFER_CHARACTERS);
    lineEnd = raw ? "\r\n" : "\n";
    options.trace().ifPresent(kind -> run.traceFromStart(kind, this::line));
    gdb =
        options.gdbPort().isPresent()
            ? Optional.of(serve(run, options.gdbPort().getAsInt(), err, lineEnd))
            : Optional.empty();
  }

  private static GdbServer serve(GuestRun run, int port, PrintStream err, String lineEnd) {
    try {
      GdbServer server = new GdbServer(run.machine().debugTarget(), port);
      server.start();
      err.print("rz: in gdb: target remote :" + server.port() + lineEnd);
      return server;
    } catch (IOException e) {
      throw new UsageException("cannot serve gdb at port " + port + ": " + e.getMessage());
    }
  }

  private synchronized void line(String text) {
    try {
      if (!broken) {
        lines.write(text);
        lines.write(lineEnd);
      }
    } catch (IOException e) {
      // Nobody reads any more; the guest may go on.
      broken = true;
    }
  }

  @Override
  public synchronized void close() throws IOException {
    if (gdb.isPresent()) {
      gdb.get().close();
    }
    if (!broken) {
      lines.flush();
    }
  }
}
