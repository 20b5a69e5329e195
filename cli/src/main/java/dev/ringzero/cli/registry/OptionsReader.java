package dev.ringzero.cli.registry;

import dev.ringzero.cli.command.Quantity;
import dev.ringzero.control.registry.VmConfiguration;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Option;

/** A configuration from options of {@code rz run}, with whole paths. */
final class OptionsReader {
  private static final int MEBIBYTE_SHIFT = 20;

  private OptionsReader() {}

  static VmConfiguration read(CommandLine line) {
    Map<String, List<String>> options = new LinkedHashMap<>();
    for (Option option : line.getOptions()) {
      String name = option.getLongOpt();
      List<String> values = options.computeIfAbsent(name, any -> new ArrayList<>());
      if (option.getValue() != null) {
        values.add(plain(name, option.getValue()));
      }
    }
    return VmConfiguration.ofOptions(options)
        .mapPaths(path -> Path.of(path).toAbsolutePath().normalize().toString());
  }

  private static String plain(String option, String value) {
    return switch (option) {
      case "memory", "host-memory" ->
          (Quantity.bytes("--" + option, value) >> MEBIBYTE_SHIFT) + "M";
      case "cpus", "cpu-weight", "cpu-cap" ->
          Integer.toString(Quantity.number("--" + option, value, 0, Integer.MAX_VALUE));
      default -> value;
    };
  }
}
