package dev.ringzero.vmm.machine;

import dev.ringzero.devices.testdev.DebugExit;
import java.util.List;
import java.util.OptionalInt;

/**
 * Devices of use to programs that test a machine from inside; a machine has none unless asked.
 *
 * @param exitPort by which the guest ends the machine with a status
 * @param testDevice whether there are interrupts to raise, and a port and memory to try
 */
public record TestDevices(OptionalInt exitPort, boolean testDevice) {
  public static final TestDevices NONE = new TestDevices(OptionalInt.empty(), false);

  private static final String EXIT = "debug-exit";
  private static final int HIGHEST_PORT = 0xFFFF;

  /**
   * Reads what users write.
   *
   * @throws IllegalArgumentException with a reason for the user
   */
  public static TestDevices parse(List<String> words) {
    TestDevices devices = NONE;
    for (String word : words) {
      devices = devices.with(word);
    }
    return devices;
  }

  private TestDevices with(String word) {
    if (word.equals("testdev")) {
      return new TestDevices(exitPort, true);
    }
    if (word.equals(EXIT)) {
      return new TestDevices(OptionalInt.of(DebugExit.DEFAULT_PORT), testDevice);
    }
    if (word.startsWith(EXIT + "=")) {
      return new TestDevices(OptionalInt.of(port(word)), testDevice);
    }
    throw new IllegalArgumentException("takes debug-exit, debug-exit=PORT or testdev, not " + word);
  }

  private static int port(String word) {
    try {
      int port = Integer.decode(word.substring(EXIT.length() + 1));
      if (port >= 0 && port <= HIGHEST_PORT - DebugExit.PORTS + 1) {
        return port;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw new IllegalArgumentException("takes a port from 0 to 0xfffc, not " + word);
  }
}
