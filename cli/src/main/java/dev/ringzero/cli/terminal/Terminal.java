package dev.ringzero.cli.terminal;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;
import sun.misc.Signal;

/**
 * The terminal at which the user sits. In raw mode every key reaches the guest. A small shell
 * process holds the terminal's settings and puts them back when its input ends, so that they come
 * back on every way out, even if this process is killed.
 */
public final class Terminal implements AutoCloseable {
  private static final Size USUAL = new Size(24, 80);
  private static final String GUARDIAN =
      """
      trap '' INT TERM HUP QUIT TTOU TSTP
      exec 3</dev/tty
      saved=$(stty -g <&3) || exit 1
      stty size <&3
      read -r go || exit
      stty raw -echo <&3
      echo raw
      cat >/dev/null
      stty "$saved" <&3
      """;

  private final Process guardian;
  private final BufferedReader answers;
  private Size size;

  private Terminal(Process guardian) {
    this.guardian = guardian;
    this.answers = guardian.inputReader(StandardCharsets.US_ASCII);
  }

  /** The number of lines and of characters in a line. */
  public record Size(int rows, int columns) {
    static Size parse(String text) {
      String[] fields = text == null ? new String[0] : text.strip().split(" ");
      try {
        Size size = new Size(Integer.parseInt(fields[0]), Integer.parseInt(fields[1]));
        return size.rows > 0 && size.columns > 0 ? size : USUAL;
      } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
        return USUAL;
      }
    }
  }

  /** Whether this file descriptor of ours is a terminal. */
  public static boolean isTerminal(int descriptor) {
    try {
      String target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor)).toString();
      return target.startsWith("/dev/pts/")
          || target.startsWith("/dev/tty")
          || target.equals("/dev/console");
    } catch (IOException | UnsupportedOperationException e) {
      return false;
    }
  }

  /** Takes the terminal, if there is one for input and output. */
  public static Optional<Terminal> take() {
    if (!isTerminal(0) || !isTerminal(1)) {
      return Optional.empty();
    }
    try {
      Process guardian =
          new ProcessBuilder("/bin/sh", "-c", GUARDIAN)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      return Optional.of(new Terminal(guardian));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** The size of its window when it was taken. */
  public synchronized Size size() {
    if (size == null) {
      size = Size.parse(answer());
    }
    return size;
  }

  /** Makes the terminal raw; until then Ctrl-C still ends us. Once, behind {@link #size()}. */
  public void makeRaw() {
    try {
      guardian.getOutputStream().write('\n');
      guardian.getOutputStream().flush();
    } catch (IOException e) {
      // The guardian is gone: the terminal stays as it is.
    }
    answer();
  }

  private String answer() {
    try {
      return answers.readLine();
    } catch (IOException e) {
      return null;
    }
  }

  /** Whom to tell when the window changes its size. */
  public void onResize(Consumer<Size> listener) {
    Signal.handle(new Signal("WINCH"), signal -> listener.accept(currentSize()));
  }

  private static Size currentSize() {
    try {
      Process stty =
          new ProcessBuilder("stty", "size")
              .redirectInput(Path.of("/dev/tty").toFile())
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      try (BufferedReader reader =
          new BufferedReader(
              new InputStreamReader(stty.getInputStream(), StandardCharsets.US_ASCII))) {
        return Size.parse(reader.readLine());
      }
    } catch (IOException e) {
      return USUAL;
    }
  }

  /** Puts the terminal's settings back. */
  @Override
  public void close() {
    try {
      guardian.getOutputStream().close();
      guardian.waitFor();
    } catch (IOException e) {
      // The guardian is gone, and with it whom to ask.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
