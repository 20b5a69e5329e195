package dev.ringzero.cli.run;

import dev.ringzero.cli.UsageException;
import dev.ringzero.vmm.machine.ConsoleKind;
import dev.ringzero.vmm.machine.HostLinks;
import dev.ringzero.vmm.machine.ShareConfiguration;
import dev.ringzero.vmm.machine.SocketConfiguration;
import dev.ringzero.vmm.machine.TestDevices;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.commons.cli.CommandLine;

/** The options of {@code rz run} that link a machine with its host, read and checked. */
final class LinkOptions {
  private static final String HOST_DEVICE = "pci=";

  private LinkOptions() {}

  static HostLinks of(CommandLine line) {
    return new HostLinks(
        shares(line), sockets(line), console(line), tests(line), hostDevices(line));
  }

  private static List<ShareConfiguration> shares(CommandLine line) {
    String[] values = line.getOptionValues("share");
    if (values == null) {
      return List.of();
    }
    List<ShareConfiguration> shares = List.of(values).stream().map(LinkOptions::share).toList();
    Set<String> places = new HashSet<>();
    for (ShareConfiguration share : shares) {
      if (!places.add(share.guestPath())) {
        throw new UsageException("--share mounts two folders at " + share.guestPath());
      }
    }
    return shares;
  }

  private static Optional<SocketConfiguration> sockets(CommandLine line) {
    try {
      return Optional.ofNullable(line.getOptionValue("vsock")).map(SocketConfiguration::parse);
    } catch (IllegalArgumentException e) {
      throw new UsageException("--vsock " + e.getMessage());
    }
  }

  private static ConsoleKind console(CommandLine line) {
    return switch (line.getOptionValue("console", "serial")) {
      case "serial" -> ConsoleKind.SERIAL;
      case "virtio" -> ConsoleKind.VIRTIO;
      case String other ->
          throw new UsageException("--console takes serial or virtio, not " + other);
    };
  }

  private static TestDevices tests(CommandLine line) {
    String[] values = line.getOptionValues("device");
    try {
      return values == null
          ? TestDevices.NONE
          : TestDevices.parse(
              Stream.of(values)
                  .filter(value -> !FunctionOption.is(value) && !value.startsWith(HOST_DEVICE))
                  .toList());
    } catch (IllegalArgumentException e) {
      throw new UsageException("--device " + e.getMessage());
    }
  }

  private static List<String> hostDevices(CommandLine line) {
    String[] values = line.getOptionValues("device");
    return values == null
        ? List.of()
        : Stream.of(values)
            .filter(value -> value.startsWith(HOST_DEVICE))
            .map(LinkOptions::hostDevice)
            .toList();
  }

  private static String hostDevice(String value) {
    String address = value.substring(HOST_DEVICE.length());
    if (!address.matches("[0-9a-f]{4}:[0-9a-f]{2}:[01][0-9a-f]\\.[0-7]")) {
      throw new UsageException(
          "--device pci= takes a function of this host such as 0000:03:00.0, not " + address);
    }
    return address;
  }

  private static ShareConfiguration share(String text) {
    try {
      return ShareConfiguration.parse(text);
    } catch (IllegalArgumentException e) {
      throw new UsageException("--share " + e.getMessage());
    }
  }
}
