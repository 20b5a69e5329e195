package dev.ringzero.control.run;

import dev.ringzero.vmm.machine.Console;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Commands that our own guest runs beside its shell, one at a time. They go there as a line of the
 * monitor's channel, and come back as one: number, status and the end of the output. What the guest
 * says is not trusted: lines that do not fit are skipped.
 */
public final class GuestExec implements Console.Listener {
  public static final int LONGEST_COMMAND_BYTES = 16 << 10;

  private static final int LONGEST_ANSWER_BYTES = 128 << 10;
  private static final int LOOK_AGAIN_MILLIS = 50;
  private static final Pattern ANSWER =
      Pattern.compile("exec (\\d{1,9}) (\\d{1,3}) ([A-Za-z0-9+/=]*)");

  /** The way into the guest: how many bytes it took. */
  @FunctionalInterface
  public interface Sender {
    int send(byte[] bytes, int offset, int lengthBytes);
  }

  /** How a command ended, and the last 48 KiB of what it printed. */
  public record Result(int status, byte[] output) {}

  private record Pending(int number, CompletableFuture<Result> answer) {}

  private final Sender sender;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private volatile Pending pending;
  private int number;

  GuestExec(Sender sender) {
    this.sender = sender;
  }

  /**
   * Runs a command by the guest's shell, and waits for its end.
   *
   * @param ended whether the machine has ended
   * @throws IOException with a message for the user, if there is no answer
   */
  public synchronized Result run(String command, Duration limit, BooleanSupplier ended)
      throws IOException, InterruptedException {
    byte[] text = command.getBytes(StandardCharsets.UTF_8);
    if (text.length > LONGEST_COMMAND_BYTES) {
      throw new IOException(
          "a command has at most %d bytes, not %d".formatted(LONGEST_COMMAND_BYTES, text.length));
    }
    Pending asked = new Pending(++number, new CompletableFuture<>());
    pending = asked;
    try {
      long until = System.nanoTime() + limit.toNanos();
      send("exec %d %s\n".formatted(asked.number, Base64.getEncoder().encodeToString(text)), until);
      while (!ended.getAsBoolean() && System.nanoTime() - until < 0) {
        try {
          return asked.answer.get(LOOK_AGAIN_MILLIS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
          // Not yet.
        }
      }
    } catch (ExecutionException e) {
      throw new IOException(e.getMessage(), e);
    } finally {
      pending = null;
    }
    throw new IOException(
        ended.getAsBoolean()
            ? "the machine ended before the command did"
            : "the command did not end within %d s".formatted(limit.toSeconds()));
  }

  /** A guest that does not read takes no more after a while. */
  private void send(String text, long until) throws InterruptedException {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    int sent = sender.send(bytes, 0, bytes.length);
    while (sent < bytes.length && System.nanoTime() - until < 0) {
      Thread.sleep(1);
      sent += sender.send(bytes, sent, bytes.length - sent);
    }
  }

  @Override
  public void output(byte[] bytes, int lengthBytes) {
    for (int i = 0; i < lengthBytes; i++) {
      if (bytes[i] == '\n') {
        hear(line.toString(StandardCharsets.ISO_8859_1));
        line.reset();
      } else if (line.size() < LONGEST_ANSWER_BYTES && pending != null) {
        line.write(bytes[i]);
      }
    }
  }

  private void hear(String said) {
    Pending asked = pending;
    Matcher answer = ANSWER.matcher(said);
    if (asked == null || !answer.matches() || Integer.parseInt(answer.group(1)) != asked.number) {
      return;
    }
    try {
      byte[] output = Base64.getDecoder().decode(answer.group(3));
      asked.answer.complete(new Result(Integer.parseInt(answer.group(2)), output));
    } catch (IllegalArgumentException e) {
      // Not an answer.
    }
  }
}
