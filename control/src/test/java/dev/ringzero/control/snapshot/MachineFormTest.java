package dev.ringzero.control.snapshot;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MachineFormTest {
  private static final Map<String, Object> GOOD =
      Map.ofEntries(
          Map.entry("memoryBytes", 256L << 20),
          Map.entry("cpus", 1L),
          Map.entry("commandLine", ""),
          Map.entry("engine", "software"),
          Map.entry("execution", "TRANSLATED"),
          Map.entry("memoryVirtualization", "ept"),
          Map.entry("processor", "default"),
          Map.entry("vendor", "GenuineIntel"),
          Map.entry("features", List.of()),
          Map.entry("iommu", false),
          Map.entry("cards", List.of()),
          Map.entry("shares", List.of()),
          Map.entry("console", "SERIAL"));

  private static Form with(String name, Object value) {
    Map<String, Object> form = new HashMap<>(GOOD);
    form.put(name, value);
    return new Form(form);
  }

  @Test
  void machineOfAnotherEngineIsRefusedWithALineThatNamesIt() {
    assertThatThrownBy(() -> MachineForm.read(with("engine", "kvm"), "copy", List.of()))
        .isInstanceOf(SnapshotException.class)
        .hasMessage("it was saved on engine kvm, which cannot restore it");
  }

  @Test
  void wordsThatNobodyWritesAreRefused() {
    for (String name : List.of("execution", "memoryVirtualization", "processor", "console")) {
      assertThatThrownBy(() -> MachineForm.read(with(name, "x"), "copy", List.of()))
          .as(name)
          .isInstanceOf(SnapshotException.class)
          .hasMessageContaining("unknown");
    }
  }

  @Test
  void amountsOutOfBoundsAreRefused() {
    for (long bytes : new long[] {-1, 0, Long.MAX_VALUE}) {
      assertThatThrownBy(() -> MachineForm.read(with("memoryBytes", bytes), "copy", List.of()))
          .isInstanceOf(SnapshotException.class);
    }
    for (long cpus : new long[] {-1, 0, 256}) {
      assertThatThrownBy(() -> MachineForm.read(with("cpus", cpus), "copy", List.of()))
          .isInstanceOf(SnapshotException.class);
    }
  }
}
