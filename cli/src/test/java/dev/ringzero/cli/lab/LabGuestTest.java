package dev.ringzero.cli.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.ringzero.cli.UsageException;
import dev.ringzero.control.process.ProcessDirectory;
import dev.ringzero.images.DefaultGuest;
import dev.ringzero.images.ImageCache;
import dev.ringzero.images.ImageException;
import dev.ringzero.images.Progress;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** Two of the default guests at the ends of a cable. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
final class LabGuestTest {
  private static final Duration LIMIT = Duration.ofMinutes(2);

  /** The card's; {@code -Dringzero.functions=7}, or another number, makes it an Intel card. */
  private static final String MODEL =
      Integer.getInteger("ringzero.functions") == null ? "virtio" : "82576";

  @TempDir private Path folder;
  private final String name = "labtest" + ProcessHandle.current().pid();

  @Test
  void nodesReachEachOtherAndACommandThatFailsTakesTheLabDown() throws Exception {
    skipUnlessThere();
    Files.createDirectory(folder.resolve("out"));
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    LabStart start = new LabStart(lab(), LIMIT, new PrintStream(said, true));
    assertThatThrownBy(start::up)
        .isInstanceOf(UsageException.class)
        .hasMessage("node h1: exec 3 (echo over; exit 5) ended with status 5: over");
    assertThat(said.toString()).contains("h1           is up", "h2           has run its command");
    assertThat(folder.resolve("out/ping")).content().contains("2 packets received");
    assertThat(LabProcess.named(name)).isEmpty();
    assertThat(ProcessDirectory.ofHosts().path().resolve(name + ".lock")).doesNotExist();
  }

  private static void skipUnlessThere() {
    try {
      DefaultGuest.prepare(ImageCache.ofUser(), Progress.SILENT);
    } catch (ImageException e) {
      abort("skipped: the default guest cannot be fetched here: " + e.getMessage());
    }
  }

  @Test
  void machinesMeetAtABridgeAndAtANetworkCardAndDownLeavesNothing() throws Exception {
    skipUnlessThere();
    Path file = folder.resolve("parts.yml");
    Files.writeString(
        file,
        """
        name: %s
        topology:
          defaults: {network-mode: none, memory: 256MB}
          nodes:
            br0: {kind: bridge}
            nic0: {kind: sriov-nic, vfs: 2, model: %s}
            h1:
              exec:
                - ip address add 10.0.0.1/24 dev eth1; ip address add 10.0.1.1/24 dev eth2
                - ping -c 1 -w 60 10.0.0.2
                - ping -c 1 -w 60 -I eth2 10.0.1.2
                - ping -c 1 -w 60 10.0.0.3
            h2:
              exec:
                - ip address add 10.0.0.2/24 dev eth1; ip address add 10.0.1.2/24 dev eth2
            h3: {exec: [ip address add 10.0.0.3/24 dev eth1]}
          links:
            - endpoints: ["h1:eth1", "br0:p1"]
            - endpoints: ["h2:eth1", "br0:p2"]
            - endpoints: ["h1:eth2", "nic0:vf0"]
            - endpoints: ["h2:eth2", "nic0:vf1"]
            - endpoints: ["h3:eth1", "br0:p3"]
            - endpoints: ["nic0:uplink", "br0:p4"]
        """
            .formatted(name, MODEL));
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    new LabStart(LabReader.read(file, false), LIMIT, new PrintStream(said, true)).up();
    assertThat(said.toString()).contains("h1           has run its 4 commands");
    LabProcess.named(name).orElseThrow().end();
    assertThat(LabProcess.named(name)).isEmpty();
    assertThat(ProcessDirectory.ofHosts().path().resolve(name + ".lock")).doesNotExist();
  }

  /** Needs the image of the guide; {@code -Dringzero.ospf=true} asks for it. */
  @Test
  @EnabledIfSystemProperty(named = "ringzero.ospf", matches = "true")
  void routersFindTheirWaysByOspf() throws Exception {
    skipUnlessThere();
    Path guide = Path.of("../docs/guide/labs/ospf.yml");
    Lab lab = LabReader.read(guide, false);
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    new LabStart(lab, LIMIT, new PrintStream(said, true)).up();
    try {
      assertThat(said.toString())
          .as("the last of h2's commands reaches h1 through both routers")
          .contains("h2           has run its 3 commands", "r1           has run its command");
    } finally {
      LabProcess.named(lab.name()).orElseThrow().end();
    }
    assertThat(LabProcess.named(lab.name())).isEmpty();
  }

  private Lab lab() throws IOException {
    Path file = folder.resolve("lab.yml");
    Files.writeString(
        file,
        """
        name: %s
        topology:
          defaults: {network-mode: none, memory: 256MB}
          nodes:
            h1:
              binds: ["out:/mnt/out"]
              exec:
                - ip address add 10.0.0.1/24 dev eth1
                - until ping -c 2 -w 3 10.0.0.2 >/mnt/out/ping; do sleep 1; done
                - echo over; exit 5
            h2:
              exec: [ip address add 10.0.0.2/24 dev eth1]
          links:
            - endpoints: ["h1:eth1", "h2:eth1"]
        """
            .formatted(name));
    return LabReader.read(file, false);
  }
}
