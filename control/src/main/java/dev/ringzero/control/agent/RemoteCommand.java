package dev.ringzero.control.agent;

import dev.ringzero.control.agent.AgentCommand.Window;
import dev.ringzero.control.protocol.MessageChannel;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A command in a guest, asked for through its machine's control socket, which is then a stream of
 * the agent's frames.
 */
public final class RemoteCommand implements AutoCloseable {
  private final MessageChannel channel;
  private final AgentCommand command;

  private RemoteCommand(MessageChannel channel) {
    this.channel = channel;
    command = new AgentCommand(channel.input(), channel.stream());
  }

  /**
   * Starts a command.
   *
   * @param limit how long to wait for the guest's agent
   * @return empty if that guest has no agent, and the channel is as before
   * @throws IOException with a message for the user
   */
  public static Optional<RemoteCommand> start(
      MessageChannel channel, String command, Optional<Window> terminal, Duration limit)
      throws IOException {
    Map<String, Object> request = new LinkedHashMap<>();
    request.put("do", "command");
    request.put("command", command);
    request.put("millis", limit.toMillis());
    terminal.ifPresent(window -> {
      request.put("rows", window.rows());
      request.put("columns", window.columns());
    });
    return Boolean.TRUE.equals(channel.ask(request).get("agent"))
        ? Optional.of(new RemoteCommand(channel))
        : Optional.empty();
  }

  /** The command takes no more. */
  static final class Ended extends IOException {
    private static final long serialVersionUID = 1;

    Ended(IOException cause) {
      super("the guest takes no more", cause);
    }
  }

  /** The command, whose input and output go through the channel. */
  public AgentCommand command() {
    return command;
  }

  /** What is written there is the command's input, which closing ends. */
  public OutputStream input() {
    return new OutputStream() {
      @Override
      public void write(int value) throws IOException {
        write(new byte[] {(byte) value}, 0, 1);
      }

      @Override
      public void write(byte[] bytes, int offset, int lengthBytes) throws IOException {
        try {
          command.input(bytes, offset, lengthBytes);
        } catch (IOException e) {
          throw new Ended(e);
        }
      }

      @Override
      public void close() throws IOException {
        try {
          command.endInput();
        } catch (IOException e) {
          throw new Ended(e);
        }
      }
    };
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
