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
 */
public record HostLinks(
    List<ShareConfiguration> shares,
    Optional<SocketConfiguration> sockets,
    ConsoleKind console,
    TestDevices tests) {
  /** A serial port and nothing else. */
  public static final HostLinks NONE =
      new HostLinks(List.of(), Optional.empty(), ConsoleKind.SERIAL);

  /** Links without test devices. */
  public HostLinks(
      List<ShareConfiguration> shares, Optional<SocketConfiguration> sockets, ConsoleKind console) {
    this(shares, sockets, console, TestDevices.NONE);
  }
}
