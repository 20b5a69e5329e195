package dev.ringzero.cli.run;

import dev.ringzero.cli.terminal.EscapeKeys;
import dev.ringzero.cli.terminal.Terminal;
import dev.ringzero.control.run.GuestRun;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Optional;

/** Connects the guest's console with this process's input and output. */
final class ConsoleBridge {
  private static final int BUFFER_BYTES = 4096;
  private static final byte[] END_OF_INPUT = {4}; // Ctrl-D

  private final GuestRun run;
  private final boolean ownGuest;
  private final Runnable beforeOutput;
  private final OutputStream out = new FileOutputStream(FileDescriptor.out);
  private boolean broken;

  /**
   * Prepares the connection.
   *
   * @param ownGuest whether the guest is ours, which says when it has a shell
   * @param beforeOutput called before each piece of output
   */
  ConsoleBridge(GuestRun run, boolean ownGuest, Runnable beforeOutput) {
    this.run = run;
    this.ownGuest = ownGuest;
    this.beforeOutput = beforeOutput;
  }

  void start(Optional<Terminal> terminal) {
    run.machine().console().addListener(this::show);
    terminal.ifPresent(raw -> raw.onResize(size -> run.resize(size.rows(), size.columns())));
    Thread.ofPlatform().name("keyboard").daemon().start(() -> readInput(terminal.isPresent()));
  }

  private void show(byte[] bytes, int lengthBytes) {
    beforeOutput.run();
    try {
      if (!broken) {
        out.write(bytes, 0, lengthBytes);
      }
    } catch (IOException e) {
      // Nobody reads any more; the guest may go on.
      broken = true;
    }
  }

  private void readInput(boolean keys) {
    EscapeKeys escapes = new EscapeKeys(new Actions());
    byte[] bytes = new byte[BUFFER_BYTES];
    try (FileInputStream in = new FileInputStream(FileDescriptor.in)) {
      if (!keys && ownGuest) {
        run.awaitShell();
      }
      for (int count = in.read(bytes); count >= 0; count = in.read(bytes)) {
        if (keys) {
          escapes.typed(bytes, count);
        } else {
          run.type(bytes, count);
        }
      }
      run.type(END_OF_INPUT, END_OF_INPUT.length);
    } catch (IOException e) {
      // The terminal is gone; the guest may go on without one.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private final class Actions implements EscapeKeys.Actions {
    @Override
    public void send(byte[] data, int lengthBytes) {
      try {
        run.type(data, lengthBytes);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    @Override
    public void leave() {
      run.machine().stop("Ctrl-A x");
    }

    @Override
    public void help() {
      System.err.print("\r\n" + EscapeKeys.HELP.replace("\n", "\r\n"));
    }
  }
}
