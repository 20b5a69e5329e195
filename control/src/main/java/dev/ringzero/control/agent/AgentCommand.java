package dev.ringzero.control.agent;

import static dev.ringzero.images.program.AgentProtocol.*;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * One command that a guest's agent runs, as {@link dev.ringzero.images.program.AgentProtocol} says.
 * Its input may be given by one thread while another listens. What the guest says is not trusted.
 */
public final class AgentCommand {
  private static final int SIGNALLED = 128;

  private final InputStream in;
  private final OutputStream out;
  private final byte[] frame = new byte[LONGEST_FRAME_BYTES];
  private final byte[] sent = new byte[HEADER_BYTES + LONGEST_FRAME_BYTES];

  private int length;

  /** What the agent may say. */
  enum Said {
    OUTPUT,
    ERROR,
    STATUS
  }

  /** A terminal's size. */
  public record Window(int rows, int columns) {}

  /** Hears what a command prints and complains. */
  public interface Listener {
    void output(byte[] bytes, int lengthBytes) throws IOException;

    void error(byte[] bytes, int lengthBytes) throws IOException;
  }

  /** A command that was asked for by {@link #request}. */
  public AgentCommand(InputStream in, OutputStream out) {
    this.in = in;
    this.out = out;
  }

  /**
   * Asks the agent for a command.
   *
   * @param terminal that the command is to have, if any
   * @throws IOException with a message for the user, also if the command is too long
   */
  public static void request(OutputStream out, String command, Optional<Window> terminal)
      throws IOException {
    byte[] text = command.getBytes(StandardCharsets.UTF_8);
    if (text.length > LONGEST_COMMAND_BYTES) {
      throw new IOException(
          "a command has at most %d bytes, not %d".formatted(LONGEST_COMMAND_BYTES, text.length));
    }
    if (command.indexOf('\0') >= 0) {
      throw new IOException("a command has no zero characters");
    }
    Window window = terminal.orElse(new Window(0, 0));
    ByteBuffer request =
        ByteBuffer.allocate(REQUEST_BYTES + text.length).order(ByteOrder.LITTLE_ENDIAN);
    request.putInt(terminal.isPresent() ? 1 : 0);
    request.putShort((short) window.rows()).putShort((short) window.columns()).putInt(0);
    out.write(request.putInt(text.length).put(text).array());
    out.flush();
  }

  /** Gives the command input. */
  public void input(byte[] bytes, int offset, int lengthBytes) throws IOException {
    for (int at = 0; at < lengthBytes; at += LONGEST_FRAME_BYTES) {
      send(INPUT, bytes, offset + at, Math.min(LONGEST_FRAME_BYTES, lengthBytes - at));
    }
  }

  /** Ends the command's input. */
  public void endInput() throws IOException {
    send(INPUT, sent, 0, 0);
  }

  /** Says that the terminal's size is another. */
  public void resize(Window window) throws IOException {
    ByteBuffer shape = ByteBuffer.allocate(WINDOW_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    shape.putShort((short) window.rows()).putShort((short) window.columns());
    send(WINDOW, shape.array(), 0, WINDOW_BYTES);
  }

  private void send(int kind, byte[] bytes, int offset, int lengthBytes) throws IOException {
    synchronized (sent) {
      ByteBuffer.wrap(sent)
          .order(ByteOrder.LITTLE_ENDIAN)
          .putInt(kind)
          .putInt(lengthBytes)
          .put(bytes, offset, lengthBytes);
      out.write(sent, 0, HEADER_BYTES + lengthBytes);
      out.flush();
    }
  }

  /**
   * Listens until the command has ended.
   *
   * @return its status; 128 and the signal's number if a signal ended it
   */
  public int await(Listener listener) throws IOException {
    for (Said said = next(); said != Said.STATUS; said = next()) {
      if (said == Said.OUTPUT) {
        listener.output(frame, length);
      } else {
        listener.error(frame, length);
      }
    }
    return status();
  }

  /** Waits for what comes next: {@link #lengthBytes} of {@link #bytes}. */
  Said next() throws IOException {
    int kind = number();
    length = number();
    boolean right =
        kind == STATUS
            ? length == STATUS_BYTES
            : length >= 0 && length <= LONGEST_FRAME_BYTES && (kind == OUTPUT || kind == ERROR);
    if (!right) {
      throw new IOException("the guest's agent says what no agent says");
    }
    read(length);
    return switch (kind) {
      case OUTPUT -> Said.OUTPUT;
      case ERROR -> Said.ERROR;
      default -> Said.STATUS;
    };
  }

  byte[] bytes() {
    return frame;
  }

  int lengthBytes() {
    return length;
  }

  /** How the command ended, when that was said. */
  int status() {
    int waited = ByteBuffer.wrap(frame).order(ByteOrder.LITTLE_ENDIAN).getInt();
    int signal = waited & 0x7F;
    return signal == 0 ? waited >> 8 & 0xFF : SIGNALLED + signal;
  }

  private int number() throws IOException {
    read(Integer.BYTES);
    return ByteBuffer.wrap(frame).order(ByteOrder.LITTLE_ENDIAN).getInt();
  }

  private void read(int lengthBytes) throws IOException {
    if (in.readNBytes(frame, 0, lengthBytes) < lengthBytes) {
      throw new EOFException("the machine or its agent ended before the command did");
    }
  }
}
