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
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A machine for each virtual function of a card; seven with {@code -Dringzero.functions=7}. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
final class FunctionMovesGuestTest {
  private static final int MACHINES = Math.clamp(Integer.getInteger("ringzero.functions", 3), 3, 7);
  private static final Duration LIMIT = Duration.ofMinutes(2);

  /** From "9 packets transmitted, 9 packets received, ...". */
  private static final String LOST = "set -- $(grep transmitted /tmp/log); echo $(($1 - $4))";

  private final SharedNic nic = makeNic();
  private final List<GuestRun> runs = new ArrayList<>();
  private final FunctionMoves moves = new FunctionMoves(nic, this::named);

  private static SharedNic makeNic() {
    try {
      return new SharedNic("nic0", 7, Optional.empty(), bytes -> {});
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private Optional<GuestRun> named(String name) {
    return runs.stream()
        .filter(run -> run.machine().configuration().name().equals(name))
        .findFirst();
  }

  @BeforeEach
  void boot() throws Exception {
    try {
      DefaultGuest.prepare(ImageCache.ofUser(), Progress.SILENT);
    } catch (ImageException e) {
      abort("skipped: the default guest cannot be fetched here: " + e.getMessage());
    }
    for (int number = 0; number < MACHINES; number++) {
      GuestRun run =
          new GuestRun(
              new GuestPreparation(ImageCache.ofUser(), Progress.SILENT)
                  .prepare(request(number), "m" + number)
                  .machine());
      runs.add(run);
      run.start(PhysicalCpus.host());
    }
    for (GuestRun run : runs) {
      run.awaitShell();
    }
  }

  private RunRequest request(int number) throws Exception {
    CardConfiguration function = nic.card(number);
    CardConfiguration card =
        new CardConfiguration(
            function.network(),
            function.mac(),
            function.mtu(),
            function.queues(),
            Optional.of("10.9.0.%d/24".formatted(number + 1)));
    return new RunRequest(
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
  }

  @AfterEach
  void close() {
    runs.forEach(GuestRun::close);
    nic.close();
  }

  private String in(int machine, String command) throws Exception {
    GuestRun run = runs.get(machine);
    GuestExec.Result result = run.exec().run(command, LIMIT, run::ended);
    return new String(result.output(), StandardCharsets.UTF_8).strip();
  }

  private static String ping(String card, int machine) {
    return "ping -c 1 -w 30 -I %s 10.9.0.%d | grep -o '1 packets received'"
        .formatted(card, machine + 1);
  }

  @Test
  void functionsAreResetAndMovedWhileTheOthersWork() throws Exception {
    for (int from = 0; from < MACHINES; from++) {
      for (int to = 0; to < MACHINES; to++) {
        if (from != to) {
          assertThat(in(from, ping("eth0", to))).isEqualTo("1 packets received");
        }
      }
    }
    in(0, "(ping -i 0.05 10.9.0.2 >/tmp/log 2>&1; echo) & echo $! >/tmp/pid");
    resetsItsFunction(2);
    movesWithItsAddress();
    in(0, "killall -INT ping; until grep -q loss /tmp/log; do sleep 0.1; done");
    assertThat(in(0, LOST)).isIn("0", "1"); // the last may be on its way
  }

  /** The driver lets go, the function is reset, and the driver finds it as new. */
  private void resetsItsFunction(int machine) throws Exception {
    in(
        machine,
        """
        p=$(basename $(readlink -f /sys/class/net/eth0/device/..))
        echo $p >/sys/bus/pci/drivers/virtio-pci/unbind
        echo 1 >/sys/bus/pci/devices/$p/reset
        echo $p >/sys/bus/pci/drivers/virtio-pci/bind
        until ip link set eth0 up; do sleep 0.1; done
        ip addr add 10.9.0.%d/24 dev eth0
        """
            .formatted(machine + 1));
    assertThat(in(machine, ping("eth0", 0))).isEqualTo("1 packets received");
  }

  private void movesWithItsAddress() throws Exception {
    assertThatThrownBy(() -> moves.move(2, Optional.of("nobody"), false))
        .hasMessageContaining("no machine nobody runs");
    String mac = in(2, "cat /sys/class/net/eth0/address");
    assertThat(moves.move(2, Optional.of("m1"), false)).contains("eth1");
    assertThat(nic.functions().get(3).machine()).isEqualTo("m1");
    assertThat(in(2, "ls /sys/class/net")).isEqualTo("lo");
    in(1, "until ip link set eth1 up; do sleep 0.1; done; ip addr add 10.9.1.3/24 dev eth1");
    assertThat(in(1, "cat /sys/class/net/eth1/address")).isEqualTo(mac);
    in(0, "ip addr add 10.9.1.1/24 dev eth0");
    assertThat(in(1, "ping -c 1 -w 30 10.9.1.1 | grep -o '1 packets received'"))
        .isEqualTo("1 packets received");
    assertThat(moves.move(2, Optional.of("m2"), true)).isPresent();
    in(2, "until ip link set eth0 up; do sleep 0.1; done; ip addr add 10.9.0.3/24 dev eth0");
    assertThat(in(2, ping("eth0", 0))).isEqualTo("1 packets received");
    assertThat(moves.move(2, Optional.empty(), true)).isEmpty();
    assertThat(nic.functions().get(3).machine()).isNull();
  }
}
