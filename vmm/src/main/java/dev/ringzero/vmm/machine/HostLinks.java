package dev.ringzero.vmm.machine;

import java.util.List;
import java.util.Optional;

/**
 * What a machine has of its host beside disks and networks.
 *
 * @param shares folders
 * @param sockets streams between programs of guest and host; empty for none
 * @param console at which its user sits
 * @param tests by which programs in it tell the host how they went
 * @param devices of the host that are passed through, such as 0000:03:00.0
 */
public record HostLinks(
    List<ShareConfiguration> shares,
    Optional<SocketConfiguration> sockets,
    ConsoleKind console,
    TestDevices tests,
    List<String> devices) {
  /** A serial port and nothing else. */
  public static final HostLinks NONE =
      new HostLinks(List.of(), Optional.empty(), ConsoleKind.SERIAL);

  /** These, with other sockets. */
  public HostLinks with(SocketConfiguration other) {
    return new HostLinks(shares, Optional.of(other), console, tests, devices);
  }

  /** Links without devices of the host. */
  public HostLinks(
      List<ShareConfiguration> shares,
      Optional<SocketConfiguration> sockets,
      ConsoleKind console,
      TestDevices tests) {
    this(shares, sockets, console, tests, List.of());
  }

  /** Links without test devices. */
  public HostLinks(
      List<ShareConfiguration> shares, Optional<SocketConfiguration> sockets, ConsoleKind console) {
    this(shares, sockets, console, TestDevices.NONE);
  }
}
