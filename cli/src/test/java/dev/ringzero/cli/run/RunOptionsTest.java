package dev.ringzero.cli.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringzero.cli.UsageException;
import dev.ringzero.cli.command.Arguments;
import dev.ringzero.engine.Execution;
import dev.ringzero.vmm.machine.EngineConfiguration;
import dev.ringzero.vmm.memory.MemoryTechnique;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RunOptionsTest {
  private static RunOptions options(String... words) {
    return RunOptions.of(Arguments.parse(new RunCommand(), List.of(words)));
  }

  @Test
  void jsonAloneShowsTheStatistics() {
    assertThat(options("--json").statistics()).isTrue();
    assertThat(options().statistics()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"--stats", "--json", "--trace=exits"})
  void aMachineInTheBackgroundShowsNothing(String option) {
    assertThatThrownBy(() -> options("--detach", option))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("does not go with --detach");
  }

  @Test
  void machineMemoryForGuestsIsWhatTheHostHasAtMost() {
    assertThat(options().hostMemoryBytes()).isEmpty();
    assertThat(options("--host-memory", "64M").hostMemoryBytes()).hasValue(64 << 20);
    assertThatThrownBy(() -> options("--host-memory", "4T"))
        .isInstanceOf(UsageException.class)
        .hasMessageMatching("--host-memory takes 16M to \\d+M, which this host has, not 4T");
  }

  @Test
  void kvmRefusesWhatOnlyTheSoftwareEngineHas() {
    assertThatThrownBy(() -> options("--engine", "kvm", "--translator", "on"))
        .isInstanceOf(UsageException.class)
        .hasMessage("--translator is of the software engine: not with --engine kvm");
    assertThatThrownBy(() -> options("--engine", "kvm", "--trace", "instructions"))
        .hasMessage("--trace instructions needs --engine software");
    assertThatThrownBy(() -> options("--engine", "xen"))
        .hasMessage("--engine takes kvm, software or auto, not xen");
  }

  @Test
  void whatOnlyTheSoftwareEngineHasDecidesForIt() {
    assertThat(options("--translator", "off").engine().select().engine())
        .isEqualTo(
            new EngineConfiguration.Software(new Execution(false, false), MemoryTechnique.EPT));
    assertThat(options("--engine", "auto", "--trace", "instructions").engine().select().engine())
        .isEqualTo(EngineConfiguration.Software.FASTEST);
    assertThat(options("--engine", "software").engine().select().words())
        .isEqualTo("software engine: asked for");
  }

  @Test
  void virtualizationInsideTheGuestNeedsExtendedPaging() {
    assertThatThrownBy(() -> options("--cpu", "amd", "--memory-virtualization", "shadow"))
        .isInstanceOf(UsageException.class)
        .hasMessage(
            "--cpu amd runs guests of the guest only with --memory-virtualization ept: not with"
                + " shadow");
    assertThatThrownBy(() -> options("--cpu", "intel", "--memory-virtualization", "direct"))
        .isInstanceOf(UsageException.class);
    assertThatThrownBy(() -> options("--cpu", "amd", "--engine", "kvm"))
        .hasMessageStartingWith("--cpu is of the software engine");
    assertThatThrownBy(() -> options("--cpu", "z80")).hasMessageContaining("not z80");
  }
}
