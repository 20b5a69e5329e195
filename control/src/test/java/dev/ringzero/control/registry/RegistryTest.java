package dev.ringzero.control.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringzero.control.registry.VmState.Status;
import dev.ringzero.control.run.GuestEnd;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RegistryTest {
  private static final VmConfiguration SMALL = VmConfiguration.of(Map.of("memoryMib", 64L));
  private static final VmConfiguration LARGE = VmConfiguration.of(Map.of("memoryMib", 1024L));
  private static final String KILLS = "ringzero.registry.kills";
  private static final int USUAL_KILLS = 6;

  @TempDir private Path folder;

  @Test
  void aMachineIsKeptChangedAndForgotten() {
    Registry registry = new Registry(folder.resolve("vms"));
    assertThat(registry.names()).isEmpty();
    assertThat(registry.create("web", SMALL).state().status()).isEqualTo(Status.CREATED);
    assertThatThrownBy(() -> registry.create("web", LARGE))
        .hasMessage("there is a machine named web");
    assertThat(registry.configure("web", LARGE).configuration()).isEqualTo(LARGE);
    assertThat(new Registry(folder.resolve("vms")).names()).containsExactly("web");
    registry.remove("web");
    assertThatThrownBy(() -> registry.get("web")).hasMessage("no machine named web is kept");
    assertThatThrownBy(() -> registry.remove("web")).hasMessage("no machine named web is kept");
    assertThatThrownBy(() -> registry.create("../x", SMALL)).hasMessageContaining("a name has");
  }

  @Test
  void whoRunsAMachineHasItAlone() throws Exception {
    Registry registry = new Registry(folder);
    registry.create("web", SMALL);
    try (RunningVm running = registry.run("web")) {
      assertThat(registry.get("web").state().status()).isEqualTo(Status.STARTING);
      assertThatThrownBy(() -> registry.run("web")).hasMessageStartingWith("machine web runs");
      assertThatThrownBy(() -> registry.remove("web")).hasMessageStartingWith("machine web runs");
      assertThatThrownBy(() -> registry.configure("web", LARGE))
          .hasMessageStartingWith("machine web runs");
      running.failed("no kernel");
    }
    assertThat(registry.get("web").state().detail()).isEqualTo("no kernel");
    try (RunningVm ended = registry.run("web")) {
      ended.ended(new GuestEnd(GuestEnd.Cause.POWER_OFF, "", 0), 0);
      registry.run("web").close();
    }
    registry.remove("web");
  }

  @Test
  void aMachineWhoseProcessWasKilledIsLostAndCanBeStartedAgain() throws Exception {
    Registry registry = new Registry(folder);
    registry.create("web", SMALL);
    Process process = child("run", "web");
    assertThat(process.inputReader().readLine()).isEqualTo("begun");
    assertThat(registry.get("web").state().status()).isEqualTo(Status.STARTING);
    assertThatThrownBy(() -> registry.run("web")).hasMessageStartingWith("machine web runs");
    kill(process);
    assertThat(registry.get("web").state().status()).isEqualTo(Status.LOST);
    try (RunningVm running = registry.run("web")) {
      assertThat(registry.get(running.vm().name()).state().status()).isEqualTo(Status.STARTING);
    }
  }

  /** Another process may have the number of one that was killed. */
  @Test
  void aProcessThatOnlyHasTheNumberIsNotTakenForIt() throws Exception {
    ProcessIdentity self = ProcessIdentity.self();
    assertThat(self.isAlive()).isTrue();
    assertThat(new ProcessIdentity(self.pid(), self.startTicks() - 1, self.boot()).isAlive())
        .isFalse();
    assertThat(new ProcessIdentity(self.pid(), self.startTicks(), "another boot").isAlive())
        .isFalse();
  }

  @Test
  void whateverIsInADirectoryIsReadOrRefusedInALine() throws Exception {
    Registry registry = new Registry(folder);
    Random random = new Random(7);
    registry.create("web", SMALL);
    for (String file : List.of(Registry.CONFIGURATION, Registry.STATE)) {
      Path path = folder.resolve("web").resolve(file);
      byte[] whole = Files.readAllBytes(path);
      for (int i = 0; i < 200; i++) {
        byte[] bytes = whole.clone();
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        Files.write(path, bytes);
        try {
          registry.get("web");
        } catch (RegistryException e) {
          assertThat(e.getMessage()).startsWith("machine web is damaged: ");
        }
      }
      Files.write(path, whole);
    }
    assertThat(registry.get("web").configuration()).isEqualTo(SMALL);
  }

  @Test
  void aLinkIsNoMachine() throws Exception {
    Registry registry = new Registry(folder.resolve("vms"));
    new Registry(folder.resolve("other")).create("web", SMALL);
    Files.createDirectories(folder.resolve("vms"));
    Files.createSymbolicLink(folder.resolve("vms/web"), folder.resolve("other/web"));
    assertThat(registry.find("web")).isEmpty();
  }

  @Test
  void theConsolesLogIsBounded() throws IOException {
    ConsoleLog log = new ConsoleLog(folder, 1000);
    try (OutputStream out = log.append()) {
      for (int i = 0; i < 1000; i++) {
        out.write("line %03d\n".formatted(i).getBytes());
      }
    }
    try (OutputStream out = log.append()) {
      out.write("once more\n".getBytes());
    }
    String tail = new String(log.tail(5000));
    assertThat(tail).endsWith("line 999\nonce more\n").hasSizeBetween(1000, 2000);
    assertThat(new String(log.tail(14))).isEqualTo("999\nonce more\n");
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.mapToLong(file -> file.toFile().length()).sum()).isLessThanOrEqualTo(2000);
    }
  }

  /**
   * Kills a process that makes, changes and removes machines; further: -Dringzero.registry.kills.
   */
  @Test
  void aProcessThatIsKilledLeavesEachMachineWholeOrNone() throws Exception {
    Random random = new Random();
    Registry registry = new Registry(folder);
    registry.create("stays", LARGE);
    int kills = Integer.getInteger(KILLS, USUAL_KILLS);
    Process process = null;
    int killed = 0;
    while (killed < kills) {
      process = child("churn", Long.toString(random.nextLong()));
      assertThat(process.inputReader().readLine()).isEqualTo("begun");
      Thread.sleep(random.nextInt(40));
      kill(process);
      killed++;
      assertThat(registry.names()).contains("stays");
      for (String name : registry.names()) {
        RegisteredVm vm = registry.get(name);
        assertThat(vm.configuration()).isIn(SMALL, LARGE);
        assertThat(vm.state().status()).isIn(Status.CREATED, Status.LOST, Status.FAILED);
      }
    }
    registry.create("last", SMALL);
    registry.remove("last");
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .noneMatch(name -> name.startsWith(".begun") || name.startsWith(".gone"));
    }
  }

  private Process child(String... words) throws IOException {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    return new ProcessBuilder(
            Stream.concat(
                    Stream.of(
                        java,
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        RegistryChild.class.getName(),
                        folder.toString()),
                    Stream.of(words))
                .toList())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  private static void kill(Process process) throws InterruptedException {
    process.destroyForcibly();
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
  }
}
