package dev.ringzero.cli.control;

import dev.ringzero.cli.ExitStatus;
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
import org.apache.commons.cli.CommandLine;

/** {@code rz attach}: Ctrl-A x leaves, and the guest goes on. */
public final class AttachCommand extends MachineCommand {
  private static final int BUFFER_BYTES = 1 << 14;

  @Override
  public String name() {
    return "attach";
  }

  @Override
  public String summary() {
    return "show a machine's console here; Ctrl-A x leaves it running";
  }

  @Override
  int talk(MessageChannel channel, CommandLine line) throws IOException {
    Optional<Terminal> terminal = Terminal.take();
    Thread restore = new Thread(() -> terminal.ifPresent(Terminal::close));
    Runtime.getRuntime().addShutdownHook(restore);
    terminal.map(Terminal::size).ifPresent(size -> tell(channel, size));
    if (terminal.isPresent()) {
      terminal.get().makeRaw();
      String name = String.valueOf(channel.ask(Map.of("do", "status")).get("name"));
      terminal.get().onResize(size -> tell(name, size));
    }
    channel.ask(Map.of("do", "attach"));
    Thread.ofPlatform().name("keyboard").daemon().start(() -> type(channel));
    show(channel);
    return ExitStatus.OK;
  }

  /** The connection is a stream of bytes meanwhile: what else there is to say goes by another. */
  private static void tell(String name, Terminal.Size size) {
    try (MessageChannel other =
        ControlDirectory.ofUser().connect(name).map(MessageChannel::new).orElse(null)) {
      if (other != null) {
        tell(other, size);
      }
    } catch (IOException e) {
      // The machine has ended, which the stream tells too.
    }
  }

  private static void tell(MessageChannel channel, Terminal.Size size) {
    try {
      channel.ask(Map.of("do", "size", "rows", size.rows(), "columns", size.columns()));
    } catch (IOException e) {
      // What follows will fail in the same way, and say so.
    }
  }

  private static void show(MessageChannel channel) {
    byte[] bytes = new byte[BUFFER_BYTES];
    try (OutputStream out = new FileOutputStream(FileDescriptor.out)) {
      for (int count = channel.read(bytes); count >= 0; count = channel.read(bytes)) {
        out.write(bytes, 0, count);
      }
    } catch (IOException e) {
      // The machine has ended, or the user left.
    }
  }

  private static void type(MessageChannel channel) {
    EscapeKeys escapes = new EscapeKeys(new Actions(channel));
    byte[] bytes = new byte[BUFFER_BYTES];
    try (FileInputStream in = new FileInputStream(FileDescriptor.in)) {
      for (int count = in.read(bytes); count >= 0; count = in.read(bytes)) {
        escapes.typed(bytes, count);
      }
    } catch (IOException e) {
      // The terminal is gone.
    }
  }

  private record Actions(MessageChannel channel) implements EscapeKeys.Actions {
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
      try {
        channel.close();
      } catch (IOException e) {
        // It is gone either way.
      }
    }

    @Override
    public void help() {
      System.err.print("\r\n" + EscapeKeys.HELP.replace("\n", "\r\n"));
    }
  }
}
