package dev.ringzero.cli.copy;

import dev.ringzero.cli.UsageException;
import dev.ringzero.control.agent.PipedCommand;
import dev.ringzero.control.agent.RemoteCommand;
import dev.ringzero.control.directory.ControlDirectory;
import dev.ringzero.control.protocol.MessageChannel;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Optional;

/** Archives to the guest's tar and from it, by the guest's agent where it has one. */
final class GuestConnection implements AutoCloseable {
  private static final int PIECE_BYTES = 64 << 10;
  private static final int LONGEST_PATH = 4096;
  private static final Duration LIMIT = Duration.ofMinutes(1);

  private static final String BUSYBOX =
      "box=/bin/busybox; [ -x $rz/bin/busybox ] && box=$rz/bin/busybox; cd -- %s && ";
  private static final String UNPACK = BUSYBOX + "exec $box tar -x -f -";
  private static final String PACK =
      BUSYBOX
          + "name=%s; [ -e \"$name\" ] || [ -L \"$name\" ] ||"
          + " { echo 'no such file or folder' >&2; exit 2; }; exec $box tar -c -f - -- \"$name\"";

  private final MessageChannel channel;

  private GuestConnection(MessageChannel channel) {
    this.channel = channel;
  }

  static GuestConnection to(String machine) {
    return new GuestConnection(connect(machine));
  }

  static MessageChannel connect(String machine) {
    return ControlDirectory.ofUser()
        .connect(machine)
        .map(MessageChannel::new)
        .orElseThrow(() -> new UsageException("no machine named " + machine + " runs"));
  }

  /** Reads an archive. */
  interface Unpacking {
    void from(InputStream in) throws IOException;
  }

  /** Lets the guest unpack an archive in a folder. */
  void unpack(String folder, PipedCommand.Source packing) throws IOException {
    Optional<RemoteCommand> remote = start(UNPACK.formatted(quoted(folder)));
    if (remote.isEmpty()) {
      new SlowCopy(channel).unpack(folder, packing);
      return;
    }
    new PipedCommand(remote.get())
        .feed(out -> {
          OutputStream pieces = new BufferedOutputStream(out, PIECE_BYTES);
          packing.writeTo(pieces);
          pieces.flush();
        });
  }

  /** Lets the guest pack a file or folder. */
  void pack(String folder, String name, Unpacking unpacking) throws IOException {
    Optional<RemoteCommand> remote = start(PACK.formatted(quoted(folder), quoted(name)));
    if (remote.isEmpty()) {
      new SlowCopy(channel).pack(folder, name, unpacking);
      return;
    }
    InputStream archive = new PipedCommand(remote.get()).output();
    unpacking.from(archive);
    archive.transferTo(OutputStream.nullOutputStream());
  }

  private Optional<RemoteCommand> start(String command) throws IOException {
    return RemoteCommand.start(channel, command, Optional.empty(), LIMIT);
  }

  private static String quoted(String path) throws IOException {
    if (path.isEmpty()
        || path.length() > LONGEST_PATH
        || path.chars().anyMatch(Character::isISOControl)) {
      throw new IOException("a path in the guest has 1 to %d characters".formatted(LONGEST_PATH));
    }
    return "'" + path.replace("'", "'\\''") + "'";
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
