package dev.ringzero.cli.control;

import dev.ringzero.cli.terminal.Terminal;
import dev.ringzero.control.agent.AgentCommand;
import dev.ringzero.control.agent.AgentCommand.Window;
import dev.ringzero.control.agent.RemoteCommand;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A command in a guest, connected with this process's input, output and errors. */
final class RunningCommand {
  private static final int BUFFER_BYTES = 1 << 16;

  private final RemoteCommand remote;
  private final AgentCommand command;
  private final Optional<Terminal> terminal;
  private volatile boolean late;

  RunningCommand(RemoteCommand remote, Optional<Terminal> terminal) {
    this.remote = remote;
    this.command = remote.command();
    this.terminal = terminal;
  }

  static Window window(Terminal.Size size) {
    return new Window(size.rows(), size.columns());
  }

  /**
   * Runs it to its end.
   *
   * @param input whether it is given our input
   * @return its status
   * @throws IOException with a message for the user
   */
  int run(boolean input, Optional<Duration> limit) throws IOException {
    terminal.ifPresent(Terminal::makeRaw);
    terminal.ifPresent(shown -> shown.onResize(this::resize));
    if (input) {
      Thread.ofPlatform().name("input").daemon().start(this::give);
    } else {
      endInput();
    }
    limit.ifPresent(time ->
        CompletableFuture.delayedExecutor(time.toNanos(), TimeUnit.NANOSECONDS)
            .execute(this::endLate));
    try {
      return command.await(new Shown());
    } catch (IOException e) {
      throw late
          ? new IOException(
              "the command did not end within %d s".formatted(limit.get().toSeconds()), e)
          : e;
    }
  }

  private void endLate() {
    late = true;
    try {
      remote.close();
    } catch (IOException e) {
      // It is gone either way.
    }
  }

  private void resize(Terminal.Size size) {
    try {
      command.resize(window(size));
    } catch (IOException e) {
      // The command has ended.
    }
  }

  private void give() {
    byte[] bytes = new byte[BUFFER_BYTES];
    try (FileInputStream in = new FileInputStream(FileDescriptor.in)) {
      for (int count = in.read(bytes); count >= 0; count = in.read(bytes)) {
        command.input(bytes, 0, count);
      }
      endInput();
    } catch (IOException e) {
      // The command has ended.
    }
  }

  private void endInput() {
    try {
      command.endInput();
    } catch (IOException e) {
      // The command has ended.
    }
  }

  /** Output and errors, as they are written. */
  private static final class Shown implements AgentCommand.Listener {
    private final FileOutputStream out = new FileOutputStream(FileDescriptor.out);
    private final FileOutputStream err = new FileOutputStream(FileDescriptor.err);

    @Override
    public void output(byte[] bytes, int lengthBytes) throws IOException {
      out.write(bytes, 0, lengthBytes);
    }

    @Override
    public void error(byte[] bytes, int lengthBytes) throws IOException {
      err.write(bytes, 0, lengthBytes);
    }
  }
}
