package dev.ringzero.cli.bench.subject;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A guest started as a host process with its console on standard input and output. Times are taken
 * on the host. The process ends with this one, whatever happens.
 */
public final class ConsoleRun implements AutoCloseable {
  private static final int TAIL_CHARACTERS = 200;

  private final long beganNanos = System.nanoTime();
  private final Process process;
  private final Thread reaper;
  private final OutputStream input;
  private final StringBuilder console = new StringBuilder();
  private boolean ended;
  private int searched;

  public ConsoleRun(List<String> command) throws IOException {
    process = new ProcessBuilder(command).redirectErrorStream(true).start();
    reaper = new Thread(process::destroyForcibly);
    try {
      Runtime.getRuntime().addShutdownHook(reaper);
    } catch (IllegalStateException e) { // this process is ending: the other would outlive it
      process.destroyForcibly();
      throw new GuestException("the benchmark is ending");
    }
    input = process.getOutputStream();
    Thread.ofPlatform().daemon().start(this::read);
  }

  private void read() {
    byte[] buffer = new byte[4096];
    try (InputStream output = process.getInputStream()) {
      for (int length = output.read(buffer); length >= 0; length = output.read(buffer)) {
        append(new String(buffer, 0, length, StandardCharsets.ISO_8859_1));
      }
    } catch (IOException e) {
      // the console ends here
    }
    end();
  }

  private synchronized void append(String text) {
    console.append(text);
    notifyAll();
  }

  private synchronized void end() {
    ended = true;
    notifyAll();
  }

  /**
   * Waits until the marker appears behind the last one found.
   *
   * @return time since the process started
   * @throws GuestException if the console ends first, or time is over
   */
  public synchronized Duration await(String marker, Duration limit)
      throws GuestException, InterruptedException {
    long deadline = System.nanoTime() + limit.toNanos();
    int at;
    while ((at = console.indexOf(marker, searched)) < 0) {
      long leftNanos = deadline - System.nanoTime();
      if (ended) {
        throw new GuestException("the guest ended: " + tail());
      }
      if (leftNanos <= 0) {
        throw new GuestException("no answer within " + limit.toSeconds() + " s" + lastWords());
      }
      TimeUnit.NANOSECONDS.timedWait(this, leftNanos);
    }
    Duration time = Duration.ofNanos(System.nanoTime() - beganNanos);
    searched = at + marker.length();
    return time;
  }

  /** Waits for the end of the line behind the last marker, and returns what is left of it. */
  public synchronized String restOfLine(Duration limit)
      throws GuestException, InterruptedException {
    int from = searched;
    await("\n", limit);
    return console.substring(from, searched).strip();
  }

  /** Types a line on the console. */
  public void type(String line) throws GuestException {
    try {
      input.write((line + "\n").getBytes(StandardCharsets.UTF_8));
      input.flush();
    } catch (IOException e) {
      throw new GuestException("the guest ended: " + tail());
    }
  }

  /** Waits for the process to end. */
  public Duration awaitEnd(Duration limit) throws GuestException, InterruptedException {
    if (!process.waitFor(limit.toNanos(), TimeUnit.NANOSECONDS)) {
      throw new GuestException("did not end within " + limit.toSeconds() + " s" + lastWords());
    }
    return Duration.ofNanos(System.nanoTime() - beganNanos);
  }

  /** What the process has spent on the host's processors, without processes of its own. */
  public Duration cpuTime() {
    return process.info().totalCpuDuration().orElse(Duration.ZERO);
  }

  private String lastWords() {
    String tail = tail();
    return tail.isEmpty() ? "" : "; last on its console: " + tail;
  }

  private synchronized String tail() {
    String text = console.toString().replaceAll("\\s+", " ").strip();
    return text.substring(Math.max(0, text.length() - TAIL_CHARACTERS));
  }

  @Override
  public void close() {
    process.destroyForcibly();
    try {
      Runtime.getRuntime().removeShutdownHook(reaper);
    } catch (IllegalStateException e) {
      // the JVM is ending, and the hook does its work
    }
  }
}
