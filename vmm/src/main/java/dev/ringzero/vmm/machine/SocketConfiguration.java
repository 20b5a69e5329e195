package dev.ringzero.vmm.machine;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A socket device.
 *
 * @param path of the Unix socket at which programs of the host call; without it the monitor alone
 * @param cid by which the guest is known
 */
public record SocketConfiguration(Optional<Path> path, long cid) {
  private static final String CID = ",cid=";
  private static final long FIRST_CID = 3;
  private static final long LAST_CID = 0xFFFF_FFFEL;
  private static final int LONGEST_PATH = 96;

  /** By which the monitor alone talks to the guest. */
  public static final SocketConfiguration OF_MONITOR =
      new SocketConfiguration(Optional.empty(), FIRST_CID);

  /**
   * Reads {@code PATH[,cid=N]}.
   *
   * @throws IllegalArgumentException with a message for the user
   */
  public static SocketConfiguration parse(String text) {
    int comma = text.lastIndexOf(CID);
    String path = comma < 0 ? text : text.substring(0, comma);
    long cid = comma < 0 ? FIRST_CID : cid(text.substring(comma + CID.length()));
    // Behind it goes an underscore and a port, and all of it into 107 bytes.
    if (path.isEmpty() || Path.of(path).toAbsolutePath().toString().length() > LONGEST_PATH) {
      throw new IllegalArgumentException(
          "takes the path of a socket, of up to " + LONGEST_PATH + " characters, not " + text);
    }
    try {
      return new SocketConfiguration(Optional.of(Path.of(path).toAbsolutePath()), cid);
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException("takes the path of a socket, not " + e.getInput(), e);
    }
  }

  private static long cid(String text) {
    boolean number = text.matches("[0-9]{1,10}");
    if (!number || Long.parseLong(text) < FIRST_CID || Long.parseLong(text) > LAST_CID) {
      throw new IllegalArgumentException("cid= takes a number from 3 to 4294967294, not " + text);
    }
    return Long.parseLong(text);
  }
}
