package dev.ringzero.images.debian;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A package that can be fetched, as a package list describes it.
 *
 * @param sha256 of its file, in lower-case hexadecimal
 * @param installedBytes about how much it unpacks to
 * @param fields what else is asked of it
 */
public record DebianPackage(
    String name,
    String version,
    String architecture,
    String sha256,
    long sizeBytes,
    long installedBytes,
    Map<String, String> fields) {
  private static final int KIBIBYTE_SHIFT = 10;
  private static final Set<String> KEPT =
      Set.of("Pre-Depends", "Depends", "Provides", "Essential", "Priority", "Multi-Arch");
  private static final List<String> PRIORITIES =
      List.of("required", "important", "standard", "optional");

  /**
   * Reads a paragraph of a package list.
   *
   * @return null where it describes nothing that could be fetched
   */
  static DebianPackage of(Map<String, String> fields) {
    try {
      DebianPackage read =
          new DebianPackage(
              fields.get("Package"),
              fields.get("Version"),
              fields.get("Architecture"),
              fields.get("SHA256"),
              Long.parseLong(fields.getOrDefault("Size", "")),
              Long.parseLong(fields.getOrDefault("Installed-Size", "0")) << KIBIBYTE_SHIFT,
              kept(fields));
      boolean whole =
          read.name != null
              && read.version != null
              && read.architecture != null
              && read.sha256 != null;
      return whole ? read : null;
    } catch (NumberFormatException e) {
      return null;
    }
  }

  private static Map<String, String> kept(Map<String, String> fields) {
    Map<String, String> kept = new HashMap<>(fields);
    kept.keySet().retainAll(KEPT);
    return Map.copyOf(kept);
  }

  /** Whether Debian expects it on every system. */
  public boolean isEssential() {
    return "yes".equals(fields.get("Essential"));
  }

  /** Packages that it cannot work without, each with its alternatives. */
  List<List<Relation>> needs() {
    List<List<Relation>> all =
        new ArrayList<>(Relation.parse(fields.getOrDefault("Pre-Depends", "")));
    all.addAll(Relation.parse(fields.getOrDefault("Depends", "")));
    return all;
  }

  /** Further names under which it can be named. */
  List<Relation> provides() {
    return Relation.parse(fields.getOrDefault("Provides", "")).stream()
        .map(List::getFirst)
        .toList();
  }

  /** Zero for what every system has, more for what fewer have. */
  int rarity() {
    int at = PRIORITIES.indexOf(fields.getOrDefault("Priority", ""));
    return at < 0 ? PRIORITIES.size() : at;
  }

  /** The name by which dpkg calls its records of the package. */
  public String recordName() {
    return "same".equals(fields.get("Multi-Arch")) ? name + ":" + architecture : name;
  }

  @Override
  public String toString() {
    return name + " " + version;
  }
}
