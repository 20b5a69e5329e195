package dev.ringzero.cli.copy;

import dev.ringzero.cli.UsageException;
import dev.ringzero.control.directory.ControlDirectory;
import dev.ringzero.control.protocol.MessageChannel;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** A place in a guest, written {@code VM:PATH}. */
record GuestPath(String machine, String path) {
  private static final String HOME = "/root";
  private static final long MILLIS = 30_000;

  static Optional<GuestPath> parse(String text) {
    int colon = text.indexOf(':');
    if (colon < 1 || !ControlDirectory.isName(text.substring(0, colon))) {
      return Optional.empty();
    }
    String path = text.substring(colon + 1);
    String whole = path.startsWith("/") ? path : HOME + "/" + path;
    String plain = whole.length() > 1 ? whole.replaceFirst("/+$", "") : whole;
    return Optional.of(new GuestPath(text.substring(0, colon), plain.isEmpty() ? "/" : plain));
  }

  /** The last part. */
  String name() {
    String name = path.substring(path.lastIndexOf('/') + 1);
    if (name.isEmpty() || name.equals(".") || name.equals("..")) {
      throw new UsageException("a place in a guest ends in a name, not as in " + path);
    }
    return name;
  }

  /** What is in front of it. */
  String folder() {
    int slash = path.lastIndexOf('/');
    return slash == 0 ? "/" : path.substring(0, slash);
  }

  GuestPath child(String name) {
    return new GuestPath(machine, path.equals("/") ? "/" + name : path + "/" + name);
  }

  /** Asks the guest whether it is a folder now. */
  boolean isFolder() throws IOException {
    Map<String, Object> request = new LinkedHashMap<>();
    request.put("do", "exec");
    request.put("command", "[ -d '" + path.replace("'", "'\\''") + "' ]");
    request.put("millis", MILLIS);
    try (MessageChannel channel = GuestConnection.connect(machine)) {
      return Long.valueOf(0).equals(channel.ask(request).get("status"));
    }
  }
}
