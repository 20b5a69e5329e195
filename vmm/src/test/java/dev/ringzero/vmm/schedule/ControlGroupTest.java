package dev.ringzero.vmm.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringzero.engine.EngineException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a tree of plain files in the kernel's shape. */
class ControlGroupTest {
  private static final ProcessorShare CAPPED = new ProcessorShare(300, 25, Set.of());

  @TempDir private Path folder;

  private Path own(String lines) throws IOException {
    return Files.writeString(folder.resolve("own"), lines);
  }

  private Path file(String path, String content) throws IOException {
    Path file = folder.resolve(path);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, content);
  }

  private String text(String path) throws IOException {
    return Files.readString(folder.resolve(path));
  }

  @Test
  void weightAndCapGoIntoAThreadedGroupBelowTheProcesssOwn() throws IOException {
    file("root/cgroup.controllers", "cpuset cpu io memory\n");
    file("root/user/one/cgroup.subtree_control", "\n");
    ControlGroup group =
        ControlGroup.of("web-7", CAPPED, folder.resolve("root"), own("0::/user/one\n"));
    assertThat(text("root/user/one/ringzero-web-7/cgroup.type")).isEqualTo("threaded");
    assertThat(text("root/user/one/cgroup.subtree_control")).isEqualTo("+cpu");
    assertThat(text("root/user/one/ringzero-web-7/cpu.weight")).isEqualTo("300");
    assertThat(text("root/user/one/ringzero-web-7/cpu.max")).isEqualTo("25000 100000");
    group.join();
    assertThat(text("root/user/one/ringzero-web-7/cgroup.threads")).matches("[0-9]+");
  }

  @Test
  void groupsOfVersionOneHaveSharesAndAQuota() throws IOException {
    Files.createDirectories(folder.resolve("root/cpu/x"));
    ControlGroup group =
        ControlGroup.of(
            "web", CAPPED, folder.resolve("root"), own("3:memory:/y\n1:cpu:/x\n0::/\n"));
    assertThat(text("root/cpu/x/ringzero-web/cpu.shares")).isEqualTo("3072");
    assertThat(text("root/cpu/x/ringzero-web/cpu.cfs_period_us")).isEqualTo("100000");
    assertThat(text("root/cpu/x/ringzero-web/cpu.cfs_quota_us")).isEqualTo("25000");
    group.join();
    assertThat(text("root/cpu/x/ringzero-web/tasks")).matches("[0-9]+");
  }

  @Test
  void withoutACapNoneIsWritten() throws IOException {
    Files.createDirectories(folder.resolve("root/cpu"));
    ControlGroup.of(
        "web",
        new ProcessorShare(1, ProcessorShare.NO_CAP, Set.of()),
        folder.resolve("root"),
        own("1:cpu:/\n"));
    assertThat(text("root/cpu/ringzero-web/cpu.shares")).isEqualTo("10");
    assertThat(folder.resolve("root/cpu/ringzero-web/cpu.cfs_quota_us")).doesNotExist();
  }

  @Test
  void hostWithoutTheControllerIsOneLineThatSaysWhatToDo() throws IOException {
    Path root = Files.createDirectory(folder.resolve("root"));
    Path own = own("3:memory:/y\n0::/\n");
    assertThatThrownBy(() -> ControlGroup.of("web", CAPPED, root, own))
        .isInstanceOf(EngineException.class)
        .hasMessageContaining("in no group of the controller cpu")
        .hasMessageContaining("--engine software")
        .hasMessageNotContaining("\n");
  }

  @Test
  void missingTreeIsNamedAndLeavesNothing() throws IOException {
    Path root = Files.createDirectory(folder.resolve("root"));
    Path own = own("1:cpu:/gone\n");
    assertThatThrownBy(() -> ControlGroup.of("web", CAPPED, root, own))
        .isInstanceOf(EngineException.class)
        .hasMessageContaining("there is no " + root.resolve("cpu/gone"));
    assertThat(root).isEmptyDirectory();
  }
}
