package dev.ringzero.network.nat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The host's resolver, as its configuration names it. */
final class HostResolver {
  private static final int PORT = 53;
  private static final Path CONFIGURATION = Path.of("/etc/resolv.conf");

  private HostResolver() {}

  static InetSocketAddress find() {
    try {
      return in(Files.readAllLines(CONFIGURATION));
    } catch (IOException e) {
      return in(List.of());
    }
  }

  /** The first name server that is a literal address; the loopback if there is none. */
  static InetSocketAddress in(List<String> lines) {
    for (String line : lines) {
      String[] words = line.strip().split("\\s+");
      if (words.length >= 2 && words[0].equals("nameserver") && isLiteral(words[1])) {
        try {
          return new InetSocketAddress(InetAddress.getByName(words[1]), PORT);
        } catch (UnknownHostException e) {
          continue;
        }
      }
    }
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), PORT);
  }

  private static boolean isLiteral(String text) {
    return text.indexOf(':') >= 0 || text.matches("[0-9.]+");
  }
}
