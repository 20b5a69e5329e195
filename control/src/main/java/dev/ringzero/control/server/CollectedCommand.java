package dev.ringzero.control.server;

import dev.ringzero.control.agent.AgentCommand;
import dev.ringzero.control.run.GuestExec;
import dev.ringzero.vmm.vsock.GuestSocket;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A command without input, of whose output the end is kept. */
final class CollectedCommand implements AgentCommand.Listener {
  private static final int KEPT_BYTES = 48 << 10;

  private final GuestSocket socket;
  private final byte[] kept = new byte[KEPT_BYTES];
  private int size;

  CollectedCommand(GuestSocket socket) {
    this.socket = socket;
  }

  /**
   * Runs it to its end.
   *
   * @throws IOException with a message for the user, also if that takes too long
   */
  GuestExec.Result run(String text, Duration limit) throws IOException, InterruptedException {
    try (socket) {
      AgentCommand command = new AgentCommand(socket.input(), socket.output());
      AgentCommand.request(socket.output(), text, Optional.empty());
      CompletableFuture<Integer> status = new CompletableFuture<>();
      Thread.startVirtualThread(() -> {
        try {
          command.endInput();
          status.complete(command.await(this));
        } catch (IOException e) {
          status.completeExceptionally(e);
        }
      });
      int ended = status.get(limit.toNanos(), TimeUnit.NANOSECONDS);
      return new GuestExec.Result(ended, Arrays.copyOf(kept, size));
    } catch (TimeoutException e) {
      throw new IOException("the command did not end within %d s".formatted(limit.toSeconds()), e);
    } catch (ExecutionException e) {
      throw new IOException(e.getCause().getMessage(), e);
    }
  }

  @Override
  public void output(byte[] bytes, int lengthBytes) {
    int from = Math.max(0, lengthBytes - KEPT_BYTES);
    int added = lengthBytes - from;
    int stays = Math.min(size, KEPT_BYTES - added);
    System.arraycopy(kept, size - stays, kept, 0, stays);
    System.arraycopy(bytes, from, kept, stays, added);
    size = stays + added;
  }

  @Override
  public void error(byte[] bytes, int lengthBytes) {
    output(bytes, lengthBytes);
  }
}
