package dev.ringzero.control.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which modules of a Linux guest drive a PCI function of this host that is given to it: those that
 * the host's own list of modules names, where it has one.
 *
 * @param needsGeneralKernel whether Debian's kernel for clouds may lack them
 */
record HostDeviceDrivers(List<String> modules, boolean needsGeneralKernel) {
  private static final String VIRTIO = "0x1af4";
  private static final List<String> VIRTIO_MODULES =
      List.of("virtio_pci", "virtio_net", "virtio_blk");
  private static final Pattern ALIAS = Pattern.compile("alias (pci:\\S+) (\\S+)");

  /** For a function such as 0000:03:00.0. */
  static HostDeviceDrivers of(String address) {
    return of(address, Path.of("/"));
  }

  static HostDeviceDrivers of(String address, Path root) {
    Path device = root.resolve("sys/bus/pci/devices").resolve(address);
    if (line(device.resolve("vendor")).equals(Optional.of(VIRTIO))) {
      return new HostDeviceDrivers(VIRTIO_MODULES, false);
    }
    List<String> modules =
        line(device.resolve("modalias")).map(name -> named(name, root)).orElse(List.of());
    return new HostDeviceDrivers(modules, true);
  }

  private static List<String> named(String device, Path root) {
    Optional<String> release = line(root.resolve("proc/sys/kernel/osrelease"));
    List<String> modules = new ArrayList<>();
    if (release.isPresent()) {
      Path list = root.resolve("lib/modules").resolve(release.get()).resolve("modules.alias");
      for (String line : lines(list)) {
        Matcher alias = ALIAS.matcher(line);
        if (alias.matches() && matches(alias.group(1), device)) {
          modules.add(alias.group(2));
        }
      }
    }
    return modules.isEmpty() ? known(device) : List.copyOf(modules);
  }

  /** Where the host has no list. */
  private static List<String> known(String device) {
    return device.startsWith("pci:v00008086d000010C") ? List.of("igb", "igbvf") : List.of();
  }

  /** Aliases have stars for anything. */
  private static boolean matches(String alias, String device) {
    String[] pieces = alias.split("\\*", -1);
    int at = pieces[0].length();
    if (!device.startsWith(pieces[0])) {
      return false;
    }
    for (int i = 1; i < pieces.length; i++) {
      at = device.indexOf(pieces[i], at);
      if (at < 0) {
        return false;
      }
      at += pieces[i].length();
    }
    return alias.endsWith("*") || at == device.length();
  }

  private static Optional<String> line(Path file) {
    return lines(file).stream().findFirst();
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      return List.of();
    }
  }
}
