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
import java.util.concurrent.locks.ReentrantLock;
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

  /** What the guest's terminal holds while a program is started that reads it. */
  static final int LONGEST_PUT_BYTES = 3 << 10;

  private static final int LONGEST_ANSWER_BYTES = 128 << 10;
  private static final int LONGEST_WAIT_SECONDS = 2;
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

  /** Held while a message is sent. */
  private final ReentrantLock whole = new ReentrantLock();

  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private volatile Pending pending;
  private int number;

  GuestExec(Sender sender) {
    this.sender = sender;
  }

  /** Says a line as a whole, not within a message; a guest that reads none for long hears none. */
  void tell(String line) {
    byte[] bytes = (line + "\n").getBytes(StandardCharsets.US_ASCII);
    try {
      if (whole.tryLock(LONGEST_WAIT_SECONDS, TimeUnit.SECONDS)) {
        try {
          sender.send(bytes, 0, bytes.length);
        } finally {
          whole.unlock();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
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
    String line = "exec %d %s\n".formatted(++number, Base64.getEncoder().encodeToString(text));
    return ask(line.getBytes(StandardCharsets.US_ASCII), limit, ended);
  }

  /**
   * Adds bytes to the end of a file of the guest, or sends them through a pipe, and waits until
   * they are there.
   *
   * @throws IOException with a message for the user, if there is no answer
   */
  synchronized Result put(
      String file, byte[] bytes, int lengthBytes, Duration limit, BooleanSupplier ended)
      throws IOException, InterruptedException {
    if (lengthBytes > LONGEST_PUT_BYTES) {
      throw new IllegalArgumentException("too much at once: " + lengthBytes);
    }
    ByteArrayOutputStream message = new ByteArrayOutputStream();
    message.writeBytes(
        "put %d %d %s\n"
            .formatted(++number, lengthBytes, file)
            .getBytes(StandardCharsets.US_ASCII));
    message.write(bytes, 0, lengthBytes);
    return ask(message.toByteArray(), limit, ended);
  }

  private Result ask(byte[] message, Duration limit, BooleanSupplier ended)
      throws IOException, InterruptedException {
    Pending asked = new Pending(number, new CompletableFuture<>());
    pending = asked;
    try {
      long until = System.nanoTime() + limit.toNanos();
      send(message, until);
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
  private void send(byte[] bytes, long until) throws InterruptedException {
    whole.lock();
    try {
      int sent = sender.send(bytes, 0, bytes.length);
      while (sent < bytes.length && System.nanoTime() - until < 0) {
        Thread.sleep(1);
        sent += sender.send(bytes, sent, bytes.length - sent);
      }
    } finally {
      whole.unlock();
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
