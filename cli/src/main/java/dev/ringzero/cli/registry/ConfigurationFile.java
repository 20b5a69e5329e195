package dev.ringzero.cli.registry;

import dev.ringzero.cli.UsageException;
import dev.ringzero.control.registry.VmConfiguration;
import dev.ringzero.images.HostFileTrouble;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.cli.CommandLine;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/** A configuration from a file of YAML, which JSON is too. Paths in it begin at its folder. */
final class ConfigurationFile {
  private static final int MOST_BYTES = 1 << 18;

  private ConfigurationFile() {}

  static VmConfiguration read(CommandLine line) {
    if (line.getOptions().length > 1) {
      throw new UsageException("--file says all: leave the other options out");
    }
    String name = line.getOptionValue("file");
    try {
      Path file = Path.of(name).toAbsolutePath();
      if (Files.size(file) > MOST_BYTES) {
        throw new UsageException("--file %s is too large for a configuration".formatted(name));
      }
      LoadSettings settings =
          LoadSettings.builder().setLabel(name).setMaxAliasesForCollections(0).build();
      Object loaded = plain(new Load(settings).loadFromString(Files.readString(file)));
      if (!(loaded instanceof Map<?, ?> map)) {
        throw new UsageException("--file %s holds no object".formatted(name));
      }
      Map<String, Object> members = new LinkedHashMap<>();
      map.forEach((key, value) -> members.put(key.toString(), value));
      return VmConfiguration.of(members)
          .mapPaths(path -> file.getParent().resolve(path).normalize().toString());
    } catch (IOException e) {
      throw new UsageException("--file %s: %s".formatted(name, HostFileTrouble.reason(e)));
    } catch (YamlEngineException e) {
      throw new UsageException("--file " + e.getMessage().lines().findFirst().orElse(name));
    }
  }

  /** Whole numbers as longs, as JSON has them here. */
  private static Object plain(Object value) {
    return switch (value) {
      case Integer number -> number.longValue();
      case List<?> list -> list.stream().map(ConfigurationFile::plain).toList();
      case Map<?, ?> map -> {
        Map<String, Object> plain = new LinkedHashMap<>();
        map.forEach((key, member) -> plain.put(String.valueOf(key), plain(member)));
        yield plain;
      }
      case null, default -> value;
    };
  }
}
