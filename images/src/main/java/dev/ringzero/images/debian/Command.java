package dev.ringzero.images.debian;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Runs a program of this machine and collects what it says. */
final class Command {
  private Command() {}

  /** What a program said. */
  record Result(int status, String output, String errors) {
    boolean succeeded() {
      return status == 0;
    }
  }

  /**
   * Runs a program to its end; interrupting the thread ends the program.
   *
   * @throws IOException if there is no such program
   */
  static Result run(Path directory, List<String> command) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
    builder.environment().put("LC_ALL", "C.UTF-8");
    Process process = builder.start();
    try {
      process.getOutputStream().close();
      CompletableFuture<String> errors = new CompletableFuture<>();
      Thread.ofVirtual().start(() -> errors.complete(text(process.getErrorStream())));
      String output = text(process.getInputStream());
      return new Result(process.waitFor(), output, errors.join());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } finally {
      process.destroy();
    }
  }

  /** Makes something of a program's output. */
  interface Consumer<T> {
    T read(Reader output) throws IOException;
  }

  /** Runs a program whose output is long, and hears nothing of its errors. */
  static <T> T read(Path directory, List<String> command, Consumer<T> consumer) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
    builder.environment().put("LC_ALL", "C.UTF-8");
    builder.redirectError(ProcessBuilder.Redirect.DISCARD);
    Process process = builder.start();
    try (Reader output = new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8)) {
      process.getOutputStream().close();
      return consumer.read(output);
    } finally {
      process.destroy();
    }
  }

  private static String text(InputStream stream) {
    try (stream) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return "";
    }
  }
}
