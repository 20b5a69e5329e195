package dev.ringzero.control.server;

import dev.ringzero.control.run.GuestExec;
import dev.ringzero.control.run.GuestRun;
import dev.ringzero.vmm.vsock.GuestSocket;
import java.io.IOException;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;

/** Requests that wait for our own guest: until it has a shell, and until a command has ended. */
final class ExecRequests {
  private static final long LOOK_AGAIN_MILLIS = 20;
  private static final long MOST_MILLIS = 86_400_000;

  private final GuestRun run;

  ExecRequests(GuestRun run) {
    this.run = run;
  }

  Map<String, Object> ready(Map<String, Object> request) throws InterruptedException {
    Duration limit = limit(request);
    long until = System.nanoTime() + limit.toNanos();
    while (!run.hasShell()) {
      if (run.ended()) {
        throw new IllegalArgumentException("the machine ended before it had a shell");
      }
      if (System.nanoTime() - until >= 0) {
        throw new IllegalArgumentException(
            "it has no shell of ours after %d s; rz attach shows its console"
                .formatted(limit.toSeconds()));
      }
      Thread.sleep(LOOK_AGAIN_MILLIS);
    }
    return Map.of();
  }

  Map<String, Object> exec(Map<String, Object> request) throws InterruptedException {
    try {
      String command = String.valueOf(request.get("command"));
      GuestExec.Result result = run(command, limit(request));
      return Map.of(
          "status", result.status(), "output", Base64.getEncoder().encodeToString(result.output()));
    } catch (IOException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  private GuestExec.Result run(String command, Duration limit)
      throws IOException, InterruptedException {
    long until = System.nanoTime() + limit.toNanos();
    Optional<GuestSocket> socket = run.agent().call(limit);
    if (socket.isPresent()) {
      return new CollectedCommand(socket.get())
          .run(command, Duration.ofNanos(until - System.nanoTime()));
    }
    if (!run.hasShell()) {
      throw new IOException("only RingZero's own guest runs commands, and only when it has booted");
    }
    return run.exec().run(command, limit, run::ended);
  }

  static Duration limit(Map<String, Object> request) {
    return Duration.ofMillis(
        request.get("millis") instanceof Long millis
            ? Math.clamp(millis, 1, MOST_MILLIS)
            : MOST_MILLIS);
  }
}
