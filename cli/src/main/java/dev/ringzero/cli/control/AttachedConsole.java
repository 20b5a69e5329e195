package dev.ringzero.cli.control;

import dev.ringzero.cli.terminal.EscapeKeys;
import dev.ringzero.cli.terminal.Terminal;
import dev.ringzero.control.directory.ControlDirectory;
import dev.ringzero.control.protocol.MessageChannel;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Map;
import java.util.Optional;

/** The console of a machine in another process, connected with this process's input and output. */
public final class AttachedConsole {
  private static final int BUFFER_BYTES = 1 << 14;
  private static final byte[] END_OF_INPUT = {4}; // Ctrl-D

  private final MessageChannel channel;
  private final String machine;
  private final Optional<Terminal> terminal;
  private final boolean endsInput;
  private final Runnable leave;

  /**
   * Prepares the connection.
   *
   * @param channel to the machine's control socket; from now on for the console alone
   * @param endsInput whether the end of our input is one for the guest, too
   * @param leave what Ctrl-A x does
   */
  public AttachedConsole(
      MessageChannel channel,
      String machine,
      Optional<Terminal> terminal,
      boolean endsInput,
      Runnable leave) {
    this.channel = channel;
    this.machine = machine;
    this.terminal = terminal;
    this.endsInput = endsInput;
    this.leave = leave;
  }

  /** Connects the console until the machine has ended or the connection is closed. */
  public void connect() throws IOException {
    terminal.map(Terminal::size).ifPresent(size -> tell(channel, size));
    if (terminal.isPresent()) {
      terminal.get().makeRaw();
      terminal.get().onResize(this::resize);
    }
    channel.ask(Map.of("do", "attach"));
    Thread.ofPlatform().name("keyboard").daemon().start(this::type);
    show();
  }

  /** The connection is a stream of bytes meanwhile: what else there is to say goes by another. */
  private void resize(Terminal.Size size) {
    try (MessageChannel other =
        ControlDirectory.ofUser().connect(machine).map(MessageChannel::new).orElse(null)) {
      if (other != null) {
        tell(other, size);
      }
    } catch (IOException e) {
      // The machine has ended, which the stream tells too.
    }
  }

  private static void tell(MessageChannel to, Terminal.Size size) {
    try {
      to.ask(Map.of("do", "size", "rows", size.rows(), "columns", size.columns()));
    } catch (IOException e) {
      // What follows will fail in the same way, and say so.
    }
  }

  private void show() {
    byte[] bytes = new byte[BUFFER_BYTES];
    OutputStream out = new FileOutputStream(FileDescriptor.out);
    try {
      for (int count = channel.read(bytes); count >= 0; count = channel.read(bytes)) {
        out.write(bytes, 0, count);
      }
    } catch (IOException e) {
      // The machine has ended, or the user left.
    }
  }

  private void type() {
    EscapeKeys escapes = new EscapeKeys(new Actions());
    byte[] bytes = new byte[BUFFER_BYTES];
    try (FileInputStream in = new FileInputStream(FileDescriptor.in)) {
      for (int count = in.read(bytes); count >= 0; count = in.read(bytes)) {
        if (terminal.isPresent()) {
          escapes.typed(bytes, count);
        } else {
          channel.write(bytes, count);
        }
      }
      if (endsInput) {
        channel.write(END_OF_INPUT, END_OF_INPUT.length);
      }
    } catch (IOException e) {
      // The terminal or the machine is gone.
    }
  }

  private final class Actions implements EscapeKeys.Actions {
    @Override
    public void send(byte[] data, int lengthBytes) {
      try {
        channel.write(data, lengthBytes);
      } catch (IOException e) {
        leave();
      }
    }

    @Override
    public void leave() {
      leave.run();
    }

    @Override
    public void help() {
      System.err.print("\r\n" + EscapeKeys.HELP.replace("\n", "\r\n"));
    }
  }
}
