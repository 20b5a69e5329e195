package dev.ringzero.cli.bench;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A guest started as a host process with its console on standard input and output. Times are taken
 * on the host, from the start of the process.
 */
final class ConsoleRun implements AutoCloseable {
  private final Process process;
  private final long beganNanos = System.nanoTime();
  private final StringBuilder console = new StringBuilder();
  private final InputStream output;
  private final OutputStream input;
  private final Thread killer;
  private int searched;

  ConsoleRun(List<String> command, Duration timeout) throws IOException {
    process = new ProcessBuilder(command).redirectErrorStream(true).start();
    output = process.getInputStream();
    input = process.getOutputStream();
    killer =
        Thread.ofVirtual()
            .start(() -> {
              try {
                if (!process.waitFor(timeout.toNanos(), TimeUnit.NANOSECONDS)) {
                  process.destroyForcibly();
                }
              } catch (InterruptedException e) {
                // closed in time
              }
            });
  }

  /**
   * Reads the console until the marker appears after the last one found.
   *
   * @return time since the process started
   * @throws IOException if the console ends first
   */
  Duration await(String marker) throws IOException {
    byte[] buffer = new byte[4096];
    int at;
    while ((at = console.indexOf(marker, searched)) < 0) {
      int length = output.read(buffer);
      if (length < 0) {
        throw new IOException("the guest ended before \"" + marker + "\": " + tail());
      }
      console.append(new String(buffer, 0, length, StandardCharsets.ISO_8859_1));
    }
    searched = at + marker.length();
    return sinceStart();
  }

  /** Types a line on the console. */
  void type(String line) throws IOException {
    input.write((line + "\n").getBytes(StandardCharsets.UTF_8));
    input.flush();
  }

  /** Reads the console to its end and waits for the process. */
  Duration awaitEnd() throws IOException, InterruptedException {
    console.append(new String(output.readAllBytes(), StandardCharsets.ISO_8859_1));
    process.waitFor();
    return sinceStart();
  }

  private Duration sinceStart() {
    return Duration.ofNanos(System.nanoTime() - beganNanos);
  }

  private String tail() {
    String text = console.toString().strip();
    return text.substring(Math.max(0, text.length() - 200));
  }

  @Override
  public void close() {
    killer.interrupt();
    process.destroyForcibly();
  }
}
