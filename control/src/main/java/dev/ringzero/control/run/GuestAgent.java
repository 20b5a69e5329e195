package dev.ringzero.control.run;

import dev.ringzero.images.program.AgentProtocol;
import dev.ringzero.vmm.machine.Machine;
import dev.ringzero.vmm.vsock.GuestSocket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * The agent of our own guest. It listens when it is asked for first: then the guest is told so by
 * its line. A copy of a guest whose agent listened has one that listens.
 */
public final class GuestAgent {
  private static final int LOOK_AGAIN_MILLIS = 20;
  private static final long ASK_AGAIN_NANOS = 500_000_000;
  private static final String ASK = "agent";

  private final Machine machine;
  private final GuestExec line;
  private final BooleanSupplier hasShell;
  private final BooleanSupplier ended;
  private volatile boolean isMissing;

  GuestAgent(Machine machine, GuestExec line, BooleanSupplier hasShell, BooleanSupplier ended) {
    this.machine = machine;
    this.line = line;
    this.hasShell = hasShell;
    this.ended = ended;
  }

  /**
   * Calls it, and waits until it listens.
   *
   * @return empty if that guest has none
   * @throws IOException with a message for the user, if the guest does not boot in time
   */
  public Optional<GuestSocket> call(Duration limit) throws IOException, InterruptedException {
    long until = System.nanoTime() + limit.toNanos();
    if (!mayBe()) {
      return Optional.empty();
    }
    Optional<GuestSocket> socket = tryCall(until);
    return socket.isPresent() ? socket : begin(until);
  }

  private boolean mayBe() {
    return !isMissing && machine.configuration().links().sockets().isPresent();
  }

  private synchronized Optional<GuestSocket> begin(long until)
      throws IOException, InterruptedException {
    long askedAt = System.nanoTime() - ASK_AGAIN_NANOS;
    while (!ended.getAsBoolean() && System.nanoTime() - until < 0) {
      boolean asked = hasShell.getAsBoolean() || System.nanoTime() - askedAt >= ASK_AGAIN_NANOS;
      if (asked) {
        askedAt = System.nanoTime();
        line.tell(ASK);
      }
      boolean hasAnswered = hasShell.getAsBoolean() && asked && answers(until);
      Optional<GuestSocket> socket = tryCall(until);
      if (socket.isPresent()) {
        return socket;
      }
      if (hasAnswered) {
        isMissing = true;
        return Optional.empty();
      }
      Thread.sleep(LOOK_AGAIN_MILLIS);
    }
    throw new IOException(
        ended.getAsBoolean()
            ? "the machine has ended"
            : "the guest does not answer; rz attach shows its console");
  }

  /** What the guest was told before, it has done when it answers. */
  private boolean answers(long until) throws IOException, InterruptedException {
    Duration left = Duration.ofNanos(Math.max(1, until - System.nanoTime()));
    return line.run("true", left, ended).status() == 0;
  }

  private Optional<GuestSocket> tryCall(long until) throws InterruptedException {
    Optional<GuestSocket> socket = machine.call(AgentProtocol.PORT);
    if (socket.isPresent() && !greets(socket.get(), until)) {
      socket.get().close();
      return Optional.empty();
    }
    return socket;
  }

  private static boolean greets(GuestSocket socket, long until) throws InterruptedException {
    try {
      if (!socket.awaitAccepted(Duration.ofNanos(Math.max(1, until - System.nanoTime())))) {
        return false;
      }
      byte[] greeting = socket.input().readNBytes(Integer.BYTES);
      return greeting.length == Integer.BYTES
          && ByteBuffer.wrap(greeting).order(ByteOrder.LITTLE_ENDIAN).getInt()
              == AgentProtocol.GREETING;
    } catch (IOException e) {
      return false;
    }
  }
}
