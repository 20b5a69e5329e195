package dev.ringzero.cli.bench.nested;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.cli.bench.Clock;
import dev.ringzero.cli.bench.subject.Guest;
import dev.ringzero.cli.bench.subject.Qemu;
import dev.ringzero.cli.bench.subject.Subjects;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class NestedSuiteTest {
  private static final Guest GUEST =
      new Guest(Path.of("vmlinuz"), Path.of("vmlinux"), Path.of("initrd"), 512, 1, "quiet");

  private final Subjects found = Subjects.find(List.of("qemu-tcg"), Clock.CPU);

  NestedSuiteTest() throws Exception {}

  @Test
  void theOtherVendorIsMeasuredBesideQemu() {
    Subjects subjects = new NestedSuite().subjects(found);
    assertThat(subjects.peers().getLast()).isEqualTo(new VtX());
  }

  @Test
  void qemuHasTheVirtualizationThatWeHave() {
    Qemu qemu = new Qemu("7.2", Qemu.Accelerator.TCG, Qemu.KernelForm.PVH);
    assertThat(NestedSuite.command(qemu, GUEST)).containsSequence("-cpu", "max,+svm");
  }

  @Test
  void innerProgramsPrintWhatOuterOnesPrint() {
    assertThat(NestedProgram.INNER_COMPUTE.expected())
        .isEqualTo(NestedProgram.OUTER_COMPUTE.expected());
    assertThat(NestedProgram.INNER_FORK.expected()).isEqualTo(NestedProgram.OUTER_FORK.expected());
  }
}
