package dev.ringzero.cli.copy;

import dev.ringzero.cli.ExitStatus;
import dev.ringzero.cli.UsageException;
import dev.ringzero.cli.command.Command;
import dev.ringzero.images.HostFileTrouble;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.apache.commons.cli.CommandLine;

/** {@code rz cp}. */
public final class CpCommand implements Command {
  @Override
  public String name() {
    return "cp";
  }

  @Override
  public String summary() {
    return "copy files and folders into a running guest, or out of it";
  }

  @Override
  public String operands() {
    return "FILE VM:PATH | VM:PATH FILE";
  }

  @Override
  public int maximumOperands() {
    return 2;
  }

  @Override
  public String notes() {
    return """

    For RingZero's own guests and images, once they have booted: rz cp ./src web:/root/src. What is
    copied onto a folder that is there goes into it; relative paths of the guest begin at /root.
    Folders are copied with all that is in them. From a guest no devices come, and no links that
    lead out of what is copied; nothing is written through a link. A file of this host whose name
    has a colon is written with a folder, as in ./a:b. For much data use rz run --share.
    """;
  }

  @Override
  public int run(CommandLine line) throws Exception {
    List<String> words = line.getArgList();
    if (words.size() < 2) {
      throw new UsageException("cp takes two places, as in rz cp notes.txt web:/root");
    }
    Optional<GuestPath> from = GuestPath.parse(words.get(0));
    Optional<GuestPath> to = GuestPath.parse(words.get(1));
    if (from.isPresent() == to.isPresent()) {
      throw new UsageException(
          "one of the two places is in a guest, as in rz cp notes.txt web:/root, not "
              + (from.isPresent() ? "both" : "none"));
    }
    try {
      if (to.isPresent()) {
        in(Path.of(words.get(0)), to.get());
      } else {
        out(from.get(), Path.of(words.get(1)));
      }
    } catch (IOException e) {
      throw new UsageException(HostFileTrouble.reason(e));
    }
    return ExitStatus.OK;
  }

  private static void in(Path from, GuestPath to) throws IOException {
    if (!Files.exists(from)) {
      throw new UsageException("no file or folder " + from);
    }
    String own = from.toAbsolutePath().normalize().getFileName().toString();
    GuestPath place = to.isFolder() ? to.child(own) : to;
    try (GuestConnection guest = GuestConnection.to(place.machine())) {
      guest.unpack(place.folder(), out -> new HostPacker(from, place.name(), out).pack());
    }
  }

  private static void out(GuestPath from, Path to) throws IOException {
    Path place = Files.isDirectory(to) ? to.toRealPath().resolve(from.name()) : to;
    try (GuestConnection guest = GuestConnection.to(from.machine())) {
      guest.pack(
          from.folder(),
          from.name(),
          in -> new HostUnpacker(in, from.name(), place, System.err).unpack());
    }
  }
}
