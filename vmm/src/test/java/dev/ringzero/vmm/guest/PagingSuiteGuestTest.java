package dev.ringzero.vmm.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.ringzero.engine.Execution;
import dev.ringzero.images.DefaultGuest;
import dev.ringzero.vmm.machine.EngineConfiguration;
import dev.ringzero.vmm.machine.MachineEnd;
import dev.ringzero.vmm.memory.MemoryTechnique;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Programs that are hard on whoever virtualizes memory print in the guest what they print on the
 * host, however memory is virtualized and code is run. {@code -Dringzero.paging.suite=all} runs all
 * of them at length, also on the interpreter and on one and four processors.
 */
@Timeout(value = 20, unit = TimeUnit.MINUTES)
final class PagingSuiteGuestTest {
  private static final boolean ALL = "all".equals(System.getProperty("ringzero.paging.suite"));
  private static final List<String> QUICK = List.of("patterns", "jit", "races");
  private static final List<String> CHECKED = List.of("patterns");
  private static final List<String> EVERY =
      List.of("storm", "patterns", "huge", "traced", "jit", "races", "shootdowns");
  private static final long MEMORY_BYTES = 192L << 20;
  private static final long LITTLE_MEMORY_BYTES = 96L << 20;
  private static final int LARGER_MIB = 60;
  private static final List<String> DISK_IN_RAM = List.of("lzo_rle", "zram");

  private static final String SWAP =
      """
      echo 112M >/sys/block/zram0/disksize
      mkswap /dev/zram0 >/dev/null; swapon /dev/zram0
      """;

  private static final String PAGES_SWAPPED_IN =
      """
      while read -r name count; do [ $name = pswpin ] && swapped=$count; done </proc/vmstat
      [ $swapped -gt 2000 ] && echo swapped
      """;

  @TempDir private static Path directory;
  private static Path program;

  /**
   * One way to run them.
   *
   * @param checked whether translations are compared with the tables at random moments
   * @param scale how much of each
   */
  record Run(MemoryTechnique technique, Execution.Way way, int cpus, boolean checked, int scale) {}

  static List<Run> runs() {
    List<Run> runs = new ArrayList<>();
    for (MemoryTechnique technique : MemoryTechnique.VIRTUAL) {
      runs.add(new Run(technique, Execution.Way.TRANSLATED, 2, false, 1));
      runs.add(new Run(technique, Execution.Way.TRANSLATED, 1, true, 1));
      if (ALL) {
        runs.add(new Run(technique, Execution.Way.TRANSLATED, 4, false, 4));
        runs.add(new Run(technique, Execution.Way.INTERPRETED, 1, true, 1));
        runs.add(new Run(technique, Execution.Way.INTERPRETED, 2, false, 1));
      }
    }
    return runs;
  }

  static List<MemoryTechnique> swapping() {
    return ALL ? MemoryTechnique.VIRTUAL : List.of(MemoryTechnique.SHADOW, MemoryTechnique.DIRECT);
  }

  @BeforeAll
  static void compile() throws IOException, InterruptedException {
    Path source = directory.resolve("paging-suite.c");
    try (InputStream in = PagingSuiteGuestTest.class.getResourceAsStream("paging-suite.c")) {
      Files.copy(in, source);
    }
    program = directory.resolve("paging-suite");
    List<String> gcc =
        List.of("gcc", "-static", "-O1", "-w", "-pthread", "-o", "" + program, "" + source);
    try {
      if (new ProcessBuilder(gcc).inheritIO().start().waitFor() != 0) {
        abort("skipped: gcc cannot link static programs here");
      }
    } catch (IOException e) {
      abort("skipped: no gcc here");
    }
  }

  private static String script(String path, Run run) {
    List<String> names = run.checked() ? CHECKED : QUICK;
    StringBuilder script = new StringBuilder();
    for (String name : ALL ? EVERY : names) {
      script.append("%s %s %d; ".formatted(path, name, run.scale()));
    }
    return script.append("echo done").toString();
  }

  @ParameterizedTest
  @MethodSource("swapping")
  void aProgramLargerThanMemoryIsSwappedToADiskInRam(MemoryTechnique technique) throws Exception {
    DefaultGuest guest = GuestFiles.orSkip();
    String command = "%s swap " + LARGER_MIB + "; ";
    String expected = onTheHost(command.formatted(program) + "echo swapped");
    EngineConfiguration.Software engine =
        new EngineConfiguration.Software(Execution.FASTEST, technique);
    try (StockGuest machine =
        new StockGuest(
            guest,
            LITTLE_MEMORY_BYTES,
            2,
            engine,
            Map.of("bin/paging-suite", Files.readAllBytes(program)),
            DISK_IN_RAM,
            SWAP + command.formatted("/bin/paging-suite") + PAGES_SWAPPED_IN)) {
      MachineEnd end = machine.run();
      assertThat(end.cause()).as(end.detail()).isEqualTo(MachineEnd.Cause.POWER_OFF);
      assertThat(machine.output()).startsWith(expected);
    }
  }

  @ParameterizedTest
  @MethodSource("runs")
  void everyProgramPrintsWhatItPrintsOnTheHost(Run run) throws Exception {
    DefaultGuest guest = GuestFiles.orSkip();
    String expected = onTheHost(script(program.toString(), run));
    assertThat(expected).contains("0 wrong").endsWith("done\n");
    EngineConfiguration.Software engine =
        new EngineConfiguration.Software(
            new Execution(run.way(), false, run.checked()), run.technique());
    try (StockGuest machine =
        new StockGuest(
            guest,
            MEMORY_BYTES,
            run.cpus(),
            engine,
            Map.of("bin/paging-suite", Files.readAllBytes(program)),
            script("/bin/paging-suite", run))) {
      MachineEnd end = machine.run();
      assertThat(end.cause()).as(end.detail()).isEqualTo(MachineEnd.Cause.POWER_OFF);
      assertThat(machine.output()).startsWith(expected);
      if (run.checked()) {
        long compared = machine.machine().cpu(0).statistics().comparedTranslations();
        assertThat(compared).isGreaterThan(10_000);
      }
    }
  }

  private static String onTheHost(String script) throws IOException, InterruptedException {
    Process process = new ProcessBuilder("sh", "-c", script).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).isZero();
    return output;
  }
}
