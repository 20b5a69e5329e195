package dev.ringzero.network.nat;

/** A TCP port of the host's loopback that leads to a port of the first guest. */
public record PublishedPort(int hostPort, int guestPort) {
  private static final int MOST_PORT = 65535;

  public PublishedPort {
    if (hostPort < 0 || hostPort > MOST_PORT || guestPort < 1 || guestPort > MOST_PORT) {
      throw new IllegalArgumentException("ports are 1 to " + MOST_PORT);
    }
  }

  /** Reads {@code HOST:GUEST}, or one number for both. */
  public static PublishedPort parse(String text) {
    String[] parts = text.split(":", -1);
    try {
      int host = Integer.parseInt(parts[0]);
      int guest = parts.length == 2 ? Integer.parseInt(parts[1]) : host;
      if (parts.length <= 2) {
        return new PublishedPort(host, guest);
      }
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(complaint(text), e);
    }
    throw new IllegalArgumentException(complaint(text));
  }

  private static String complaint(String text) {
    return "'" + text + "' is not HOST:GUEST, such as 8080:80";
  }
}
