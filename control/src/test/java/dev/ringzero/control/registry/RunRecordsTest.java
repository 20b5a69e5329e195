package dev.ringzero.control.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.control.registry.VmState.Status;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RunRecordsTest {
  private static final String OF_DEAD_PROCESS =
      """
      {"status": "running", "since": "2026-01-01T00:00:00Z",
       "process": {"pid": 1, "startTicks": 1, "boot": "another"}}
      """;

  @TempDir Path folder;
  private RunRecords records;

  @BeforeEach
  void make() {
    records = new Registry(folder.resolve("vms")).runs();
  }

  private void write(String name, String text) throws Exception {
    Path runs = Files.createDirectories(folder.resolve("runs"));
    Files.writeString(runs.resolve(name + ".json"), text);
  }

  @Test
  void aMachineWhoseProcessWasKilledIsLostUntilItIsForgotten() throws Exception {
    write("vm1", OF_DEAD_PROCESS);
    assertThat(records.all().get("vm1").status()).isEqualTo(Status.LOST);
    assertThat(records.forget("vm1")).isTrue();
    assertThat(records.all()).isEmpty();
    assertThat(records.forget("vm1")).isFalse();
  }

  @Test
  void aMachineThatRunsIsNotForgotten() throws Exception {
    Files.createDirectories(folder.resolve("runs"));
    new StateFile(folder.resolve("runs/vm1.json")).writeLive(Status.RUNNING);
    assertThat(records.find("vm1").orElseThrow().status()).isEqualTo(Status.RUNNING);
    assertThat(records.forget("vm1")).isFalse();
    records.end("vm1");
    records.end("vm1");
    assertThat(records.find("vm1")).isEmpty();
  }

  @Test
  void filesThatAreNoneOfOursAreNoMachines() throws Exception {
    write("vm1", "nonsense");
    write("-x", OF_DEAD_PROCESS);
    assertThat(records.all()).isEmpty();
    assertThat(records.find("../vms/x")).isEmpty();
  }
}
