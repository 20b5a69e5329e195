package dev.ringzero.images.debian;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringzero.images.ImageException;
import java.io.IOException;
import java.io.StringReader;
import java.util.List;
import org.junit.jupiter.api.Test;

final class DependencyResolverTest {
  private final StringBuilder lists = new StringBuilder();

  private DependencyResolverTest add(String name, String version, String... fields) {
    lists.append("Package: ").append(name).append("\nVersion: ").append(version);
    lists.append("\nArchitecture: amd64\nSize: 1\nSHA256: ").append(name).append(version);
    for (String field : fields) {
      lists.append('\n').append(field);
    }
    lists.append("\n\n");
    return this;
  }

  private List<String> resolve(String... names) throws IOException {
    return resolve(false, names);
  }

  private List<String> resolve(boolean scripts, String... names) throws IOException {
    PackageIndex index = PackageIndex.read(new StringReader(lists.toString()));
    return DependencyResolver.resolve(index, List.of(names), scripts).stream()
        .map(DebianPackage::name)
        .toList();
  }

  @Test
  void aPackageComesBehindWhatItNeeds() throws IOException {
    add("a", "1", "Depends: b (>= 1), c").add("b", "1", "Pre-Depends: c").add("c", "1");
    assertThat(resolve("a")).containsExactly("c", "b", "a");
  }

  @Test
  void packagesThatNeedEachOtherAreBothChosen() throws IOException {
    add("a", "1", "Depends: b").add("b", "1", "Depends: a");
    assertThat(resolve("a")).containsExactlyInAnyOrder("a", "b");
  }

  @Test
  void recommendedPackagesAreLeftOut() throws IOException {
    add("a", "1", "Recommends: b", "Suggests: b").add("b", "1");
    assertThat(resolve("a")).containsExactly("a");
  }

  @Test
  void ofAlternativesTheFirstThatCanBeHadIsChosen() throws IOException {
    add("a", "1", "Depends: gone | b | c").add("b", "1").add("c", "1");
    assertThat(resolve("a")).containsExactly("b", "a");
  }

  @Test
  void anAlternativeThatWasAskedForDecides() throws IOException {
    add("a", "1", "Depends: b | c").add("b", "1").add("c", "1");
    assertThat(resolve("a", "c")).containsExactly("c", "a");
  }

  @Test
  void aNameThatNoPackageHasIsProvidedByTheMostUsualOne() throws IOException {
    add("a", "1", "Depends: awk")
        .add("gawk", "1", "Provides: awk", "Priority: optional")
        .add("mawk", "1", "Provides: awk", "Priority: required");
    assertThat(resolve("a")).containsExactly("mawk", "a");
  }

  @Test
  void aVersionIsProvidedOnlyWhereItIsSaid() throws IOException {
    add("a", "1", "Depends: x (>= 2) | y")
        .add("p", "9", "Provides: x")
        .add("y", "1", "Provides: x (= 1)");
    assertThat(resolve("a")).containsExactly("y", "a");
  }

  @Test
  void ofTwoVersionsTheNewerCounts() throws IOException {
    add("a", "1", "Depends: b (>= 2)").add("b", "1").add("b", "2").add("b", "1.5");
    assertThat(resolve("a")).containsExactly("b", "a");
  }

  @Test
  void qualifiersOfArchitecturesAreUnderstood() throws IOException {
    add("a", "1", "Depends: python3:any (>= 3.0), b:amd64 [amd64]")
        .add("python3", "3.1")
        .add("b", "1");
    assertThat(resolve("a")).contains("python3", "b");
  }

  @Test
  void whatOnlyScriptsCallIsLeftOutUnlessAskedForOrNeeded() throws IOException {
    add("a", "1", "Depends: dpkg (>= 1), debconf | debconf-2.0")
        .add("dpkg", "1")
        .add("debconf", "1");
    assertThat(resolve("a")).containsExactly("a");
    assertThat(resolve("a", "dpkg")).containsExactly("dpkg", "a");
    assertThat(resolve(true, "a")).contains("dpkg", "debconf");
  }

  @Test
  void whatCannotBeHadIsNamed() {
    add("a", "1", "Depends: b (>= 2)").add("b", "1");
    assertThatThrownBy(() -> resolve("a"))
        .isInstanceOf(ImageException.class)
        .hasMessageContaining("package a needs b (>= 2)");
    assertThatThrownBy(() -> resolve("nothing"))
        .isInstanceOf(ImageException.class)
        .hasMessageContaining("no package nothing");
  }

  @Test
  void damagedParagraphsAreLeftOut() throws IOException {
    lists.append("Package: broken\nSize: many\n\n : x\n\ngarbage\n  more\n\n");
    add("a", "1");
    assertThat(resolve("a")).containsExactly("a");
  }
}
