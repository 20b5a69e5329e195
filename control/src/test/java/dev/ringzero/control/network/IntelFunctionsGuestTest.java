package dev.ringzero.control.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.ringzero.control.run.GuestExec;
import dev.ringzero.control.run.GuestPreparation;
import dev.ringzero.control.run.GuestRun;
import dev.ringzero.control.run.RunRequest;
import dev.ringzero.images.DebianKernel;
import dev.ringzero.images.DefaultGuest;
import dev.ringzero.images.ImageCache;
import dev.ringzero.images.ImageException;
import dev.ringzero.images.Progress;
import dev.ringzero.vmm.machine.CardModel;
import dev.ringzero.vmm.machine.ConsoleKind;
import dev.ringzero.vmm.machine.EngineConfiguration;
import dev.ringzero.vmm.machine.HostLinks;
import dev.ringzero.vmm.machine.ShareConfiguration;
import dev.ringzero.vmm.schedule.PhysicalCpus;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A machine for each virtual function of an Intel 82576 that the host has, driven by stock igbvf;
 * seven with {@code -Dringzero.functions=7}.
 */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
final class IntelFunctionsGuestTest {
  private static final int MACHINES = Math.clamp(Integer.getInteger("ringzero.functions", 2), 2, 7);
  private static final Duration LIMIT = Duration.ofMinutes(2);

  private static final String TOOLS = "/mnt/tools";
  private static final String HEARD = "/tmp/heard";

  @TempDir private Path tools;
  private final SharedNic nic = makeNic();
  private final List<GuestRun> runs = new ArrayList<>();
  private final FunctionMoves moves = new FunctionMoves(nic, this::named);

  private static SharedNic makeNic() {
    try {
      return new SharedNic("nic0", 7, CardModel.INTEL_82576, Optional.empty(), bytes -> {});
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
    compile();
    try {
      DefaultGuest.kernel(DebianKernel.GENERAL, ImageCache.ofUser(), Progress.SILENT);
      DefaultGuest.busybox(ImageCache.ofUser(), Progress.SILENT);
    } catch (ImageException e) {
      abort("skipped: the guest cannot be fetched here: " + e.getMessage());
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

  private void compile() throws Exception {
    Path source = Path.of(IntelFunctionsGuestTest.class.getResource("frames.c").toURI());
    Path program = tools.resolve("frames");
    try {
      Process compiler =
          new ProcessBuilder("gcc", "-static", "-O1", "-o", program.toString(), source.toString())
              .redirectErrorStream(true)
              .start();
      String complaint = new String(compiler.getInputStream().readAllBytes());
      if (compiler.waitFor() != 0) {
        abort("skipped: gcc cannot make a static program here: " + complaint);
      }
    } catch (IOException e) {
      abort("skipped: there is no gcc here");
    }
  }

  private RunRequest request(int number) throws Exception {
    return new RunRequest(
        Optional.empty(),
        Optional.empty(),
        List.of(),
        Optional.empty(),
        256L << 20,
        1,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        List.of(),
        List.of(nic.card(number, Optional.of("10.9.0.%d/24".formatted(number + 1)))),
        new HostLinks(
            List.of(new ShareConfiguration(tools, TOOLS, true)),
            Optional.empty(),
            ConsoleKind.SERIAL),
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

  private static String ping(int machine) {
    return "ping -c 1 -w 30 10.9.0.%d | grep -o '1 packets received'".formatted(machine + 1);
  }

  @Test
  void functionsReachEachOtherKeepTheirAddressesAreResetAndMoved() throws Exception {
    for (int to = 1; to < MACHINES; to++) {
      assertThat(in(0, ping(to))).isEqualTo("1 packets received");
      assertThat(in(to, "readlink /sys/class/net/eth0/device/driver")).endsWith("/igbvf");
    }
    assertThat(runs.getFirst().machine().whyNotSaved().orElseThrow())
        .startsWith("the machine was started with nic0:vf0, which no copy can have");
    sendsAFileUnharmed();
    keepsItsAddress();
    sendsNothingInAnothersNameOrVlan();
    isResetUnderTraffic();
    changesPlacesWithAnother();
    for (int machine = 0; machine < MACHINES; machine++) {
      assertThat(in(machine, "dmesg | grep -iE 'call trace|WARNING|BUG:|Tx Unit Hang'")).isEmpty();
    }
  }

  private void sendsAFileUnharmed() throws Exception {
    in(0, "(sleep 600 | nc -l -p 5000 >/tmp/got; echo) >/dev/null 2>&1 &");
    String sent =
        in(
            1,
            """
            dd if=/dev/urandom of=/tmp/data bs=64k count=128 2>/dev/null
            until nc -w 10 10.9.0.1 5000 </tmp/data 2>/dev/null; do sleep 0.2; done
            md5sum </tmp/data
            """);
    assertThat(
            in(0, "until [ $(wc -c </tmp/got) = 8388608 ]; do sleep 0.1; done; md5sum </tmp/got"))
        .isEqualTo(sent);
  }

  private void keepsItsAddress() throws Exception {
    String mac = in(1, "cat /sys/class/net/eth0/address");
    assertThat(in(1, "ip link set eth0 address 02:00:00:00:00:99 2>&1 || echo refused"))
        .endsWith("refused");
    assertThat(in(1, "cat /sys/class/net/eth0/address")).isEqualTo(mac);
    assertThat(in(1, ping(0))).isEqualTo("1 packets received");
  }

  private void sendsNothingInAnothersNameOrVlan() throws Exception {
    String frames = TOOLS + "/frames";
    in(0, "(%s hear eth0 last >%s; echo) >/dev/null 2>&1 &".formatted(frames, HEARD));
    in(0, "until grep -q hears %s; do sleep 0.1; done".formatted(HEARD));
    in(
        1,
        """
        f() { %s send eth0 $*; }
        f own 0 first; f 02:00:00:00:00:99 0 spoofed; f own 5 tagged; f own 0 last
        """
            .formatted(frames));
    assertThat(in(0, "until grep -q last %1$s; do sleep 0.1; done; cat %1$s".formatted(HEARD)))
        .isEqualTo("hears\nfirst\nlast");
  }

  /** Both functions are the first machine's for a while. */
  private void changesPlacesWithAnother() throws Exception {
    String mac = in(1, "cat /sys/class/net/eth0/address");
    assertThat(moves.move(1, Optional.of("m0"), false)).isPresent();
    assertThat(in(1, "ls /sys/class/net")).isEqualTo("lo");
    in(0, "until [ -e /sys/class/net/eth1 ]; do sleep 0.1; done"); // before eth0 is free
    assertThat(moves.move(0, Optional.of("m1"), true)).isPresent();
    in(0, "until ip link set eth1 up; do sleep 0.1; done; ip addr add 10.9.0.1/24 dev eth1");
    in(1, "until ip link set eth0 up; do sleep 0.1; done; ip addr add 10.9.0.2/24 dev eth0");
    assertThat(in(0, "ls /sys/class/net; cat /sys/class/net/eth1/address"))
        .isEqualTo("eth1\nlo\n" + mac);
    assertThat(in(0, ping(1))).isEqualTo("1 packets received");
    assertThat(nic.functions().get(1).machine()).isEqualTo("m1");
    assertThat(nic.functions().get(2).machine()).isEqualTo("m0");
  }

  private void isResetUnderTraffic() throws Exception {
    in(0, "(ping -i 0.01 -s 1400 10.9.0.2 >/tmp/log 2>&1; echo) & echo $! >/tmp/pid");
    in(
        1,
        """
        p=$(basename $(readlink -f /sys/class/net/eth0/device))
        echo $p >/sys/bus/pci/drivers/igbvf/unbind
        echo 1 >/sys/bus/pci/devices/$p/reset
        echo $p >/sys/bus/pci/drivers/igbvf/bind
        until ip link set eth0 up; do sleep 0.1; done
        ip addr add 10.9.0.2/24 dev eth0
        """);
    assertThat(in(1, ping(0))).isEqualTo("1 packets received");
    assertThat(
            in(
                0,
                "killall -INT ping; until grep -q loss /tmp/log; do sleep 0.1; done; grep -c 'bytes from' /tmp/log"))
        .isNotEqualTo("0");
  }
}
