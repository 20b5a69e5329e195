package dev.ringzero.serve.resource;

import dev.ringzero.control.agent.GuestFile;
import dev.ringzero.control.agent.PipedCommand;
import dev.ringzero.control.agent.PipedCommand.Refusal;
import dev.ringzero.control.agent.RemoteCommand;
import dev.ringzero.control.protocol.MessageChannel;
import dev.ringzero.serve.http.ApiHandler.StreamAction;
import dev.ringzero.serve.http.ApiRequest;
import dev.ringzero.serve.http.ApiResponse;
import dev.ringzero.serve.http.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.eclipse.jetty.http.HttpStatus;

/** Files in running guests of ours: they are read and written there, by the guest's agent. */
final class FileResource {
  /** The largest file that is taken. */
  private static final long MOST_BYTES = 4L << 30;

  private static final int USUAL_MODE = 0644;
  private static final int OCTAL = 8;
  private static final int BUFFER_BYTES = 1 << 16;

  /** Less than a connection may stand still. */
  private static final Duration LIMIT = Duration.ofSeconds(8);

  private final Machines machines;

  FileResource(Machines machines) {
    this.machines = machines;
  }

  Map<String, StreamAction> actions() {
    return Map.of("readFileOfVm", this::read, "writeFileOfVm", this::write);
  }

  /** The first bytes, or the end, come before the answer begins: what is refused has a status. */
  private Optional<ApiResponse> read(
      ApiRequest request, InputStream body, Supplier<OutputStream> answer) throws IOException {
    String command = command(() -> GuestFile.read(path(request)));
    try (RemoteCommand remote = start(request, command)) {
      InputStream content = new PipedCommand(remote).output();
      byte[] bytes = new byte[BUFFER_BYTES];
      int count = first(content, bytes);
      try (OutputStream out = answer.get()) {
        for (; count >= 0; count = content.read(bytes)) {
          out.write(bytes, 0, count);
        }
      }
      return Optional.empty();
    }
  }

  private static int first(InputStream content, byte[] bytes) {
    try {
      return content.read(bytes);
    } catch (IOException e) {
      throw problem(e);
    }
  }

  private Optional<ApiResponse> write(
      ApiRequest request, InputStream body, Supplier<OutputStream> answer) throws IOException {
    String said = String.valueOf(request.query().getOrDefault("mode", ""));
    int mode = said.isEmpty() ? USUAL_MODE : Integer.parseInt(said, OCTAL);
    String command = command(() -> GuestFile.write(path(request), mode));
    try (RemoteCommand remote = start(request, command)) {
      new PipedCommand(remote).feed(out -> copy(body, out));
      return Optional.of(ApiResponse.done());
    } catch (IOException e) {
      throw problem(e);
    }
  }

  private static void copy(InputStream body, OutputStream out) throws IOException {
    byte[] bytes = new byte[BUFFER_BYTES];
    long left = MOST_BYTES;
    for (int count = body.read(bytes); count >= 0; count = body.read(bytes)) {
      left -= count;
      if (left < 0) {
        throw new TooLarge();
      }
      out.write(bytes, 0, count);
    }
  }

  private static final class TooLarge extends IOException {
    private static final long serialVersionUID = 1;
  }

  private static String path(ApiRequest request) {
    return String.valueOf(request.query().getOrDefault("path", ""));
  }

  private static String command(Supplier<String> command) {
    try {
      return command.get();
    } catch (IllegalArgumentException e) {
      throw Problem.of(HttpStatus.BAD_REQUEST_400, e.getMessage(), e);
    }
  }

  private RemoteCommand start(ApiRequest request, String command) throws IOException {
    MessageChannel channel = new MessageChannel(machines.connect(request.name()));
    try {
      return RemoteCommand.start(channel, command, Optional.empty(), LIMIT)
          .orElseThrow(
              () -> Problem.of(HttpStatus.CONFLICT_409, "this guest has no agent of RingZero's"));
    } catch (IOException e) {
      channel.close();
      throw problem(e);
    } catch (Problem e) {
      channel.close();
      throw e;
    }
  }

  private static Problem problem(IOException trouble) {
    if (trouble instanceof TooLarge) {
      return Problem.of(
          HttpStatus.PAYLOAD_TOO_LARGE_413,
          "a file has at most %d bytes".formatted(MOST_BYTES),
          trouble);
    }
    boolean missing = trouble instanceof Refusal refusal && refusal.status() == GuestFile.MISSING;
    return Problem.of(
        missing ? HttpStatus.NOT_FOUND_404 : HttpStatus.CONFLICT_409,
        String.valueOf(trouble.getMessage()),
        trouble);
  }
}
