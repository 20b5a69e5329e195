package dev.ringzero.control.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.ringzero.control.run.GuestExec;
import dev.ringzero.control.run.GuestPreparation;
import dev.ringzero.control.run.GuestRun;
import dev.ringzero.control.run.RunRequest;
import dev.ringzero.images.DefaultGuest;
import dev.ringzero.images.ImageCache;
import dev.ringzero.images.ImageException;
import dev.ringzero.images.Progress;
import dev.ringzero.vmm.machine.CardConfiguration;
import dev.ringzero.vmm.machine.EngineConfiguration;
import dev.ringzero.vmm.machine.HostLinks;
import dev.ringzero.vmm.schedule.PhysicalCpus;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * A guest that has a whole card makes virtual functions of it, and another machine gets one. Runs
 * with {@code -Dringzero.functions=3}, as the longer form of {@link FunctionMovesGuestTest}.
 */
@EnabledIfSystemProperty(named = "ringzero.functions", matches = "\\d+")
@Timeout(value = 5, unit = TimeUnit.MINUTES)
final class FunctionLendingGuestTest {
  private static final Duration LIMIT = Duration.ofMinutes(2);

  private final List<GuestRun> runs = new ArrayList<>();

  private Optional<GuestRun> named(String name) {
    return runs.stream()
        .filter(run -> run.machine().configuration().name().equals(name))
        .findFirst();
  }

  private void boot(String name, CardConfiguration of, String address) throws Exception {
    CardConfiguration card =
        new CardConfiguration(
            of.network(),
            of.mac(),
            of.mtu(),
            of.queues(),
            Optional.of(address),
            of.virtualFunctions());
    RunRequest request =
        new RunRequest(
            Optional.empty(),
            Optional.empty(),
            List.of(),
            Optional.empty(),
            192L << 20,
            1,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            List.of(),
            List.of(card),
            HostLinks.NONE,
            EngineConfiguration.Software.FASTEST);
    GuestRun run =
        new GuestRun(
            new GuestPreparation(ImageCache.ofUser(), Progress.SILENT)
                .prepare(request, name)
                .machine());
    runs.add(run);
    run.start(PhysicalCpus.host());
  }

  private String in(int machine, String command) throws Exception {
    GuestRun run = runs.get(machine);
    GuestExec.Result result = run.exec().run(command, LIMIT, run::ended);
    return new String(result.output(), StandardCharsets.UTF_8).strip();
  }

  @Test
  void functionMadeByOneGuestWorksInAnotherUntilItIsUnmade() throws Exception {
    try {
      DefaultGuest.prepare(ImageCache.ofUser(), Progress.SILENT);
    } catch (ImageException e) {
      abort("skipped: the default guest cannot be fetched here: " + e.getMessage());
    }
    try (SharedNic nic = new SharedNic("nic0", 4, Optional.empty(), bytes -> {})) {
      FunctionMoves moves = new FunctionMoves(nic, this::named);
      boot("maker", nic.card(SharedNic.PHYSICAL), "10.9.0.1/24");
      boot("user", new CardConfiguration(new BridgeAttachment("lending")), "none");
      for (GuestRun run : runs) {
        run.awaitShell();
      }
      assertThatThrownBy(() -> moves.move(1, Optional.of("user"), false))
          .hasMessage("maker has the whole card, and its guest has made 0 virtual functions");
      in(0, "echo 2 >/sys/class/net/eth0/device/../sriov_numvfs");
      assertThatThrownBy(() -> moves.move(1, Optional.of("user"), false))
          .hasMessageContaining("unbind the driver there first");
      in(0, "echo 0000:01:00.2 >/sys/bus/pci/drivers/virtio-pci/unbind");
      assertThat(moves.move(1, Optional.of("user"), false)).contains("eth1");
      in(1, "until ip link set eth1 up; do sleep 0.1; done; ip addr add 10.9.0.2/24 dev eth1");
      assertThat(in(1, "ping -c 1 -w 30 -I eth1 10.9.0.1 | grep -o '1 packets received'"))
          .isEqualTo("1 packets received");
      in(0, "echo 0 >/sys/class/net/eth0/device/../sriov_numvfs");
      assertThat(nic.awaitFree(1, 30_000)).isTrue();
      assertThat(in(1, "while [ -e /sys/class/net/eth1 ]; do sleep 0.1; done; echo gone"))
          .isEqualTo("gone");
    } finally {
      runs.forEach(GuestRun::close);
    }
  }
}
