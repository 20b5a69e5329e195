package dev.ringzero.images.debian;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One package that another names: {@code name}, or {@code name (>= version)}.
 *
 * @param operator empty where any version will do
 * @spec Debian Policy, Syntax of relationship fields
 */
record Relation(String name, String operator, String version) {
  private static final Pattern FORM =
      Pattern.compile("([^\\s:(\\[]+)(?::\\w+)?\\s*(?:\\(\\s*([<>=]+)\\s*([^)\\s]+)\\s*\\))?.*");

  /** Reads a field: what must all be there, and for each of these the alternatives. */
  static List<List<Relation>> parse(String field) {
    List<List<Relation>> all = new ArrayList<>();
    for (String group : field.split(",")) {
      List<Relation> alternatives = new ArrayList<>();
      for (String one : group.split("\\|")) {
        Matcher matcher = FORM.matcher(one.strip());
        if (matcher.matches()) {
          boolean any = matcher.group(2) == null;
          alternatives.add(
              new Relation(
                  matcher.group(1), any ? "" : matcher.group(2), any ? "" : matcher.group(3)));
        }
      }
      if (!alternatives.isEmpty()) {
        all.add(List.copyOf(alternatives));
      }
    }
    return List.copyOf(all);
  }

  /** Whether a version is one that is meant. */
  boolean accepts(String offered) {
    if (operator.isEmpty()) {
      return true;
    }
    int order = DebianVersion.compare(offered, version);
    return switch (operator) {
      case ">=", ">" -> order >= 0;
      case "<=", "<" -> order <= 0;
      case ">>" -> order > 0;
      case "<<" -> order < 0;
      default -> order == 0;
    };
  }

  @Override
  public String toString() {
    return operator.isEmpty() ? name : name + " (" + operator + " " + version + ")";
  }
}
