package dev.ringzero.control.agent;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * A command that takes a stream or gives one, and is right only if it ends with status 0: else what
 * it complained first is what was wrong.
 */
public final class PipedCommand {
  private static final int MOST_COMPLAINT_BYTES = 4096;
  private static final int MOST_PRINTED = 300;

  private final RemoteCommand remote;
  private final ByteArrayOutputStream complaint = new ByteArrayOutputStream();

  public PipedCommand(RemoteCommand remote) {
    this.remote = remote;
  }

  /** The command did not end with status 0. */
  public static final class Refusal extends IOException {
    private static final long serialVersionUID = 1;

    private final int status;

    Refusal(int status, String message) {
      super(message);
      this.status = status;
    }

    public int status() {
      return status;
    }
  }

  /** Writes what a command takes. */
  @FunctionalInterface
  public interface Source {
    void writeTo(OutputStream out) throws IOException;
  }

  /**
   * Gives the command all that it takes, and waits for its end.
   *
   * @throws IOException with a message for the user
   */
  public void feed(Source source) throws IOException {
    CompletableFuture<Integer> status = new CompletableFuture<>();
    Thread.ofVirtual().name("command").start(() -> listen(status));
    IOException broken = null;
    try {
      OutputStream input = remote.input();
      source.writeTo(input);
      input.close();
    } catch (RemoteCommand.Ended e) {
      // The command says why.
      broken = e;
    } catch (IOException e) {
      remote.close();
      throw e;
    }
    check(await(status));
    if (broken != null) {
      throw broken;
    }
  }

  private void listen(CompletableFuture<Integer> status) {
    try {
      status.complete(
          remote
              .command()
              .await(
                  new AgentCommand.Listener() {
                    @Override
                    public void output(byte[] bytes, int lengthBytes) {
                      // It is not asked for.
                    }

                    @Override
                    public void error(byte[] bytes, int lengthBytes) {
                      complain(bytes, lengthBytes);
                    }
                  }));
    } catch (IOException e) {
      status.completeExceptionally(e);
    }
  }

  private static int await(CompletableFuture<Integer> status) throws IOException {
    try {
      return status.get();
    } catch (ExecutionException e) {
      throw new IOException(e.getCause().getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  /** What a command gives that reads nothing. Reading it to its end says whether all was right. */
  public InputStream output() {
    return new InputStream() {
      private int left;
      private boolean ended;

      @Override
      public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
      }

      @Override
      public int read(byte[] bytes, int offset, int lengthBytes) throws IOException {
        while (left == 0 && !ended) {
          next();
        }
        if (ended || lengthBytes == 0) {
          return ended ? -1 : 0;
        }
        int count = Math.min(left, lengthBytes);
        AgentCommand command = remote.command();
        System.arraycopy(command.bytes(), command.lengthBytes() - left, bytes, offset, count);
        left -= count;
        return count;
      }

      private void next() throws IOException {
        AgentCommand command = remote.command();
        switch (command.next()) {
          case OUTPUT -> left = command.lengthBytes();
          case ERROR -> complain(command.bytes(), command.lengthBytes());
          case STATUS -> {
            ended = true;
            check(command.status());
          }
        }
      }
    };
  }

  private void complain(byte[] bytes, int lengthBytes) {
    complaint.write(bytes, 0, Math.min(lengthBytes, MOST_COMPLAINT_BYTES - complaint.size()));
  }

  private void check(int status) throws IOException {
    if (status != 0) {
      String said = said();
      throw new Refusal(
          status,
          said.isEmpty() ? "the guest ended with status " + status : "the guest said: " + said);
    }
  }

  /** The first line, without what a terminal would obey. */
  private String said() {
    String line = complaint.toString(StandardCharsets.UTF_8).lines().findFirst().orElse("");
    return line.substring(0, Math.min(line.length(), MOST_PRINTED)).replaceAll("\\p{Cntrl}", "");
  }
}
