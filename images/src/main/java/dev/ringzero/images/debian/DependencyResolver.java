package dev.ringzero.images.debian;

import dev.ringzero.images.ImageException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Chooses the packages that others need. The rule: all of {@code Pre-Depends} and {@code Depends};
 * of alternatives one that is chosen already, else the first that can be had; a name that no
 * package has is satisfied by a package that provides it, the most usual one first. Packages that
 * only scripts of packages call can be left out, for where these never run.
 *
 * <p>Not modelled: Recommends, Conflicts and Breaks; a choice once made is not taken back.
 */
public final class DependencyResolver {
  private static final Set<String> FOR_SCRIPTS_ALONE =
      Set.of(
          "dpkg",
          "debconf",
          "debconf-2.0",
          "cdebconf",
          "init-system-helpers",
          "install-info",
          "ucf",
          "update-inetd");

  private final PackageIndex index;
  private final boolean scripts;
  private final Map<String, DebianPackage> chosen = new LinkedHashMap<>();
  private final Deque<DebianPackage> open = new ArrayDeque<>();

  private DependencyResolver(PackageIndex index, boolean scripts) {
    this.index = index;
    this.scripts = scripts;
  }

  /** Chooses packages for where scripts of packages never run. */
  public static List<DebianPackage> resolve(PackageIndex index, Collection<String> names) {
    return resolve(index, names, false);
  }

  /**
   * Chooses these packages and what they need.
   *
   * @param scripts whether scripts of packages may run some time
   * @return each package behind those that it needs, where they do not need each other
   * @throws ImageException if a package cannot be had
   */
  public static List<DebianPackage> resolve(
      PackageIndex index, Collection<String> names, boolean scripts) {
    DependencyResolver resolver = new DependencyResolver(index, scripts);
    // What was asked for comes first, so that it decides between alternatives.
    names.forEach(name -> resolver.choose(resolver.asked(name)));
    while (!resolver.open.isEmpty()) {
      resolver.chooseNeeds(resolver.open.remove());
    }
    return resolver.ordered();
  }

  private DebianPackage asked(String name) {
    List<DebianPackage> found = index.satisfying(new Relation(name, "", ""));
    if (found.isEmpty()) {
      throw new ImageException(
          "the package sources of this machine have no package " + name + "; see apt-cache search");
    }
    return found.getFirst();
  }

  private void choose(DebianPackage one) {
    if (chosen.putIfAbsent(one.name(), one) == null) {
      open.add(one);
    }
  }

  private void chooseNeeds(DebianPackage dependent) {
    for (List<Relation> alternatives : dependent.needs()) {
      if (chosenOf(alternatives) == null && !isForScriptsAlone(alternatives)) {
        choose(firstOf(alternatives, dependent));
      }
    }
  }

  private boolean isForScriptsAlone(List<Relation> alternatives) {
    return !scripts
        && alternatives.stream().map(Relation::name).anyMatch(FOR_SCRIPTS_ALONE::contains);
  }

  private DebianPackage chosenOf(List<Relation> alternatives) {
    for (Relation alternative : alternatives) {
      for (DebianPackage candidate : index.satisfying(alternative)) {
        if (chosen.containsKey(candidate.name())) {
          return candidate;
        }
      }
    }
    return null;
  }

  private DebianPackage firstOf(List<Relation> alternatives, DebianPackage dependent) {
    for (Relation alternative : alternatives) {
      List<DebianPackage> found = index.satisfying(alternative);
      if (!found.isEmpty()) {
        return found.getFirst();
      }
    }
    throw new ImageException(
        "package %s needs %s, which the package sources of this machine do not have"
            .formatted(dependent.name(), alternatives.getFirst()));
  }

  private List<DebianPackage> ordered() {
    List<DebianPackage> order = new ArrayList<>();
    Set<String> visited = new HashSet<>();
    chosen.values().forEach(one -> visit(one, visited, order));
    return List.copyOf(order);
  }

  private void visit(DebianPackage one, Set<String> visited, List<DebianPackage> order) {
    if (!visited.add(one.name())) {
      return;
    }
    for (List<Relation> alternatives : one.needs()) {
      DebianPackage needed = chosenOf(alternatives);
      if (needed != null) {
        visit(needed, visited, order);
      }
    }
    order.add(one);
  }
}
