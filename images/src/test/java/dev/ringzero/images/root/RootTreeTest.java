package dev.ringzero.images.root;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringzero.images.root.Node.Directory;
import dev.ringzero.images.root.Node.RegularFile;
import dev.ringzero.images.root.Node.SymbolicLink;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RootTreeTest {
  private static final Attributes PLAIN = Attributes.ofRoot(0755);

  @TempDir private Path directory;
  private Spool spool;
  private RootTree tree;

  @BeforeEach
  void makeTree() throws IOException {
    spool = new Spool(directory.resolve("spool"));
    tree = new RootTree(spool);
  }

  @AfterEach
  void close() throws IOException {
    spool.close();
  }

  private String read(String path) throws IOException {
    return new String(tree.read(path).orElseThrow(), StandardCharsets.UTF_8);
  }

  @Test
  void theSpoolLeavesNoFileBehind() throws IOException {
    spool.close();
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void filesGoThroughLinksToDirectories() throws IOException {
    tree.directory("usr/bin", PLAIN);
    tree.symbolicLink("bin", PLAIN, "usr/bin");
    tree.file("bin/ls", 0755, "x");
    tree.directory("bin", PLAIN);
    assertThat(read("usr/bin/ls")).isEqualTo("x");
    assertThat(tree.find("bin")).containsInstanceOf(SymbolicLink.class);
  }

  @Test
  void linksLeadToPlacesInTheTreeAlone() throws IOException {
    Path outside = Files.createDirectory(directory.resolve("outside"));
    tree.symbolicLink("up", PLAIN, "../../../../../../../../.." + outside);
    tree.symbolicLink("absolute", PLAIN, outside.toString());
    assertThatThrownBy(() -> tree.file("up/file", 0644, "x")).isInstanceOf(IOException.class);
    tree.directory(outside.toString().substring(1), PLAIN);
    tree.file("up/file", 0644, "x");
    tree.file("absolute/other", 0644, "y");
    assertThat(outside).isEmptyDirectory();
    assertThat(read(outside + "/file")).isEqualTo("x");
    assertThat(read(outside + "/other")).isEqualTo("y");
  }

  @Test
  void linksThatGoInCirclesLeadNowhere() throws IOException {
    tree.symbolicLink("a", PLAIN, "b");
    tree.symbolicLink("b", PLAIN, "a/x");
    assertThat(tree.resolve("a")).isEmpty();
    assertThatThrownBy(() -> tree.file("a/file", 0644, "x"))
        .hasMessageContaining("below something that is no directory");
  }

  @Test
  void aClimbOutOfTheRootStaysThere() throws IOException {
    tree.directory("etc", PLAIN);
    tree.symbolicLink("link", PLAIN, "../../etc");
    assertThat(tree.resolve("link")).contains(tree.resolve("etc").orElseThrow());
  }

  @Test
  void laterFilesReplaceEarlierOnes() throws IOException {
    tree.file("a", 0644, "1");
    tree.file("a", 0600, "22");
    assertThat(read("a")).isEqualTo("22");
    assertThat(tree.find("a").orElseThrow().attributes().permissions()).isEqualTo(0600);
  }

  @Test
  void aFileDoesNotReplaceADirectory() throws IOException {
    tree.file("a/b", 0644, "1");
    assertThatThrownBy(() -> tree.file("a", 0644, "2")).hasMessageContaining("directory already");
  }

  @Test
  void aFileWithTwoNamesIsOneFile() throws IOException {
    tree.file("a", 0644, "1");
    tree.hardLink("b", "a");
    assertThat(tree.find("b").orElseThrow()).isSameAs(tree.find("a").orElseThrow());
    assertThatThrownBy(() -> tree.hardLink("c", "nothing")).isInstanceOf(IOException.class);
    tree.directory("d", PLAIN);
    assertThatThrownBy(() -> tree.hardLink("c", "d")).isInstanceOf(IOException.class);
  }

  @Test
  void namesThatNoFileCanHaveAreRefused() {
    assertThatThrownBy(() -> tree.file("a/../b", 0644, "x")).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> tree.file("x".repeat(256), 0644, "x")).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> tree.file("x/".repeat(300) + "y", 0644, "x"))
        .isInstanceOf(IOException.class);
    assertThatThrownBy(() -> tree.symbolicLink("a", PLAIN, "")).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> tree.symbolicLink("a", PLAIN, "x".repeat(5000)))
        .isInstanceOf(IOException.class);
  }

  @Test
  void aFileLargerThanAllowedIsRefused() {
    assertThatThrownBy(() -> tree.file("a", PLAIN, new ByteArrayInputStream(new byte[1001]), 1000))
        .hasMessageContaining("more than it said");
  }

  @Test
  void directoriesAboveAreMade() throws IOException {
    tree.file("a/b/c", 0644, "x");
    assertThat(tree.resolve("a/b")).containsInstanceOf(Directory.class);
    assertThat(tree.find("a/b/c")).containsInstanceOf(RegularFile.class);
  }
}
