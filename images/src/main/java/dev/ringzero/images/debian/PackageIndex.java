package dev.ringzero.images.debian;

import java.io.IOException;
import java.io.Reader;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** All packages that can be had, one version of each. */
public final class PackageIndex {
  private static final Comparator<DebianPackage> USUAL_FIRST =
      Comparator.comparingInt(DebianPackage::rarity).thenComparing(DebianPackage::name);

  private final Map<String, DebianPackage> byName = new HashMap<>();
  private final Map<String, List<DebianPackage>> providers = new HashMap<>();

  /** Reads package lists; of two versions of a package the newer is kept. */
  public static PackageIndex read(Reader in) throws IOException {
    PackageIndex index = new PackageIndex();
    Paragraphs paragraphs = new Paragraphs(in);
    for (Map<String, String> fields = paragraphs.next();
        fields != null;
        fields = paragraphs.next()) {
      DebianPackage read = DebianPackage.of(fields);
      if (read != null) {
        index.byName.merge(read.name(), read, PackageIndex::newer);
      }
    }
    index.byName.values().forEach(index::addProvided);
    index.providers.values().forEach(list -> list.sort(USUAL_FIRST));
    return index;
  }

  private static DebianPackage newer(DebianPackage a, DebianPackage b) {
    return DebianVersion.compare(a.version(), b.version()) >= 0 ? a : b;
  }

  private void addProvided(DebianPackage provider) {
    if (provider.fields().containsKey("Provides")) {
      for (Relation provided : provider.provides()) {
        providers.computeIfAbsent(provided.name(), name -> new ArrayList<>()).add(provider);
      }
    }
  }

  public boolean isEmpty() {
    return byName.isEmpty();
  }

  public Optional<DebianPackage> named(String name) {
    return Optional.ofNullable(byName.get(name));
  }

  /** Those that Debian expects on every system, by name. */
  public List<String> essential() {
    return byName.values().stream()
        .filter(DebianPackage::isEssential)
        .map(DebianPackage::name)
        .sorted()
        .toList();
  }

  /** Names of all packages, for a hint at what was meant. */
  public Iterable<String> names() {
    return byName.keySet();
  }

  /** Packages that satisfy a relation: the one of that name first, then those that provide it. */
  List<DebianPackage> satisfying(Relation relation) {
    List<DebianPackage> found = new ArrayList<>();
    DebianPackage named = byName.get(relation.name());
    if (named != null && relation.accepts(named.version())) {
      found.add(named);
    }
    for (DebianPackage provider : providers.getOrDefault(relation.name(), List.of())) {
      if (provider != named && provides(provider, relation)) {
        found.add(provider);
      }
    }
    return found;
  }

  /** A name provided without a version satisfies only who asks for none. */
  private static boolean provides(DebianPackage provider, Relation relation) {
    for (Relation provided : provider.provides()) {
      if (provided.name().equals(relation.name())
          && (relation.operator().isEmpty()
              || !provided.version().isEmpty() && relation.accepts(provided.version()))) {
        return true;
      }
    }
    return false;
  }
}
