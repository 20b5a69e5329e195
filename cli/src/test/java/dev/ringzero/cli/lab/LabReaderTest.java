package dev.ringzero.cli.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringzero.cli.UsageException;
import dev.ringzero.cli.lab.Lab.Endpoint;
import dev.ringzero.cli.lab.Lab.Node;
import dev.ringzero.vmm.machine.CardModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(20)
final class LabReaderTest {
  private static final String PAIR =
      """
      name: pair
      topology:
        defaults:
          memory: 256MB
          exec: [first]
        kinds:
          linux: {cpu: 2, network-mode: none}
        nodes:
          r1:
            kind: linux
            image: router
            exec:
              - second
            binds: ["conf:/etc/conf:ro"]
          h1: {memory: 1 GiB, network-mode: nat}
        links:
          - endpoints: ["r1:eth2", "h1:eth1"]
            mtu: 9000
      """;

  @TempDir private Path folder;

  private Lab read(String text) throws IOException {
    Path file = folder.resolve("lab.yml");
    Files.writeString(file, text);
    Files.createDirectories(folder.resolve("conf"));
    return LabReader.read(file, false);
  }

  private String complaint(String text) throws IOException {
    try {
      read(text);
      return "none";
    } catch (UsageException e) {
      return e.getMessage().replace(folder + "/", "");
    }
  }

  @Test
  void nodesTakeWhatDefaultsAndKindsSayAndAddTheirOwn() throws IOException {
    Lab lab = read(PAIR);
    Node router = lab.nodes().getFirst();
    Node host = lab.nodes().getLast();
    assertThat(lab.name()).isEqualTo("pair");
    assertThat(router.image()).contains("router");
    assertThat(router.memory()).contains("256M");
    assertThat(router.cpus()).isEqualTo(2);
    assertThat(router.exec()).containsExactly("first", "second");
    assertThat(router.managed()).isFalse();
    assertThat(host.memory()).contains("1G");
    assertThat(host.managed()).isTrue();
    assertThat(lab.links().getFirst().other()).isEqualTo(new Endpoint("h1", "eth1"));
    assertThat(lab.links().getFirst().mtu()).isEqualTo(OptionalInt.of(9000));
  }

  @Test
  void eachNodeBecomesAMachineWhoseCardsHaveTheNamesOfTheFile() throws IOException {
    Lab lab = read(PAIR);
    assertThat(NodeArguments.of(lab, lab.nodes().getFirst()))
        .containsExactly(
            "--name=pair-r1",
            "--cpus=2",
            "--memory=256M",
            "--image=router",
            "--share=" + folder.toRealPath().resolve("conf") + ":/etc/conf,ro",
            "--net=cable=r1:eth0,ip=none",
            "--net=cable=r1:eth1,ip=none",
            "--net=cable=r1:eth2,mtu=9000,ip=none");
    assertThat(NodeArguments.of(lab, lab.nodes().getLast()))
        .endsWith("--net=nat", "--net=cable=r1:eth2,mtu=9000,ip=none");
  }

  @Test
  void graphShowsNodesAndLinks() throws IOException {
    Lab lab = read(PAIR);
    assertThat(LabGraph.text(lab)).contains("r1 (router)", "eth2 --- h1:eth1", "eth0 --- NAT");
    assertThat(LabGraph.html(lab)).contains("<svg", "<line", ">r1<", ">eth2<");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          image: router        | image: [a]               | lab.yml:11: topology.nodes.r1.image is a text or a number
          image: router        | imgae: router            | lab.yml:11: topology.nodes.r1 has imgae, which RingZero does not know (did you mean image?); it takes binds, cpu, exec, image, kind, labels, memory, network-mode
          kind: linux          | kind: srl                | lab.yml:10: topology.nodes.r1.kind is linux, bridge or sriov-nic, each its own node's, not srl
          memory: 256MB        | memory: lots             | lab.yml:4: topology.defaults.memory is a size such as 512MB or 2Gib, not lots
          cpu: 2               | cpu: 0                   | lab.yml:7: topology.kinds.linux.cpu is 1 to 64 processors, not 0
          cpu: 2               | cpu: 2, cpu: 3           | lab.yml:7: topology.kinds.linux has cpu twice
          exec: [first]        | exec: first              | lab.yml:5: topology.defaults.exec is a list, with lines such as - value
          h1:eth1              | h2:eth1                  | lab.yml:17: topology.links[0].endpoints has h2:eth1, and there is no such node; there are r1, h1
          h1:eth1              | h1:wlan0                 | lab.yml:17: topology.links[0].endpoints has NODE:eth0 to NODE:eth7, such as r1:eth1, not h1:wlan0
          h1:eth1              | r1:eth2                  | lab.yml:17: topology.links[0].endpoints has r1:eth2, which has a link already
          h1:eth1              | h1:eth0                  | lab.yml:15: topology.nodes.h1 has eth0 in links: that is at the NAT, unless it has network-mode: none
          mtu: 9000            | mtu: 9001                | lab.yml:18: topology.links[0].mtu is 576 to 9000, not 9001
          conf:/etc/conf:ro    | ..:/etc/conf             | lab.yml:14: topology.nodes.r1.binds has .., which is not below the file's folder; --binds-anywhere allows it
          conf:/etc/conf:ro    | /etc:/etc/conf           | lab.yml:14: topology.nodes.r1.binds has /etc, which is not below the file's folder; --binds-anywhere allows it
          conf:/etc/conf:ro    | nothing:/etc/conf        | lab.yml:14: topology.nodes.r1.binds has nothing, which is not there
          conf:/etc/conf:ro    | conf:/etc/../root        | lab.yml:14: topology.nodes.r1.binds conf:/etc/../root: it needs a folder below / in the guest, without . and .., not /etc/../root
          name: pair           | name: ../pair            | lab.yml:1: the file.name has up to 40 letters, digits, dots, dashes and underscores, not ../pair
          name: pair           | title: pair              | lab.yml:1: the file has title, which RingZero does not know; it takes name, topology
          name: pair           | name: [pair              | lab.yml:2: this is no YAML: expected ',' or ']', but got :
          h1: {                | ../h1: {                 | lab.yml:15: topology.nodes.../h1 is a name of letters, digits, dots, dashes and underscores, up to 40 together with the lab's
          """)
  void whatIsWrongIsSaidWithItsLine(String right, String wrong, String complaint)
      throws IOException {
    assertThat(PAIR).contains(right);
    assertThat(complaint(PAIR.replace(right, wrong))).isEqualTo(complaint);
  }

  private static final String PARTS =
      """
      name: parts
      topology:
        defaults: {network-mode: none}
        nodes:
          h1: {}
          h2: {}
          br0: {kind: bridge}
          nic0: {kind: sriov-nic, vfs: 4}
        links:
          - endpoints: ["h1:eth1", "br0:p1"]
          - endpoints: ["br0:p2", "h2:eth1"]
          - endpoints: ["h1:eth2", "nic0:vf0"]
          - endpoints: ["nic0:uplink", "br0:p3"]
      """;

  @Test
  void bridgesAndFunctionsOfNetworkCardsAreWhatCardsLeadTo() throws IOException {
    Lab lab = read(PARTS);
    assertThat(lab.bridges()).containsExactly("br0");
    assertThat(lab.nics()).containsExactly(new Lab.Nic("nic0", 4, CardModel.VIRTIO, false));
    assertThat(NodeArguments.of(lab, lab.nodes().getFirst()))
        .endsWith(
            "--net=cable=h1:eth0,ip=none", "--net=bridge=br0,ip=none", "--device=nic0:vf0,ip=none");
    assertThat(NodeArguments.of(lab, lab.nodes().getLast())).endsWith("--net=bridge=br0,ip=none");
    assertThat(lab.network(new Endpoint("nic0", "uplink"))).isEqualTo("bridge=br0");
    assertThat(LabGraph.text(lab))
        .contains(
            "eth2 --- nic0:vf0", "br0 (bridge)", "nic0 (network card, 4", "uplink --- br0:p3");
    assertThat(LabGraph.html(lab)).contains(">br0<", ">vf0<", ">network card<");
  }

  @Test
  void networkCardMayBeAnIntel82576() throws IOException {
    assertThat(read(PARTS.replace("vfs: 4", "vfs: 4, model: 82576")).nics())
        .containsExactly(new Lab.Nic("nic0", 4, CardModel.INTEL_82576, false));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          vfs: 4        | vfs: 64                | lab.yml:8: topology.nodes.nic0.vfs is 1 to 63 functions, not 64
          vfs: 4        | image: x               | lab.yml:8: topology.nodes.nic0 has image, which RingZero does not know; it takes kind, labels, model, network-mode, vfs
          vfs: 4        | model: e1000           | lab.yml:8: topology.nodes.nic0.model is virtio, virtio-plain or 82576, not e1000
          vfs: 4        | model: 82576, vfs: 8   | lab.yml:8: topology.nodes.nic0.vfs is 1 to 7 functions, not 8
          kind: bridge  | kind: bridge, cpu: 2   | lab.yml:7: topology.nodes.br0 has cpu, which RingZero does not know; it takes kind, labels
          nic0:vf0      | nic0:vf4               | lab.yml:12: topology.links[2].endpoints has nic0:vf4, and a network card has uplink, pf and vf0 to vf3
          h2:eth1       | nic0:vf1               | lab.yml:11: topology.links[1].endpoints leads from br0:p2 to nic0:vf1: one end is a machine's
          vfs: 4        | network-mode: nat      | lab.yml:13: topology.links[3].endpoints has nic0:uplink, which is at the NAT by network-mode: nat
          h2:eth1       | h1:eth3                | lab.yml:5: topology.nodes.h1 has h1:eth3 behind a function of a network card: functions come last
          """)
  void wrongBridgesAndNetworkCardsAreSaidWithTheirLine(String right, String wrong, String complaint)
      throws IOException {
    assertThat(PARTS).contains(right);
    assertThat(complaint(PARTS.replace(right, wrong))).isEqualTo(complaint);
  }

  @Test
  void aliasesAreRefusedBeforeTheyGrow() throws IOException {
    StringBuilder bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 30; i++) {
      bomb.append("a%d: &a%d [*a%d, *a%d]\n".formatted(i, i, i - 1, i - 1));
    }
    assertThat(complaint(bomb.toString())).startsWith("lab.yml:2: aliases");
    assertThat(complaint("name: &x {a: *x}")).startsWith("lab.yml:1: aliases");
  }

  @Test
  void deepAndLargeFilesAreRefused() throws IOException {
    assertThat(complaint("[".repeat(200_000))).contains("lists and maps are more than 16 deep");
    assertThat(complaint("{a: ".repeat(60_000))).contains("lists and maps are more than 16 deep");
    assertThat(complaint("x".repeat(300_000))).isEqualTo("lab.yml is larger than 256 KiB");
    assertThat(complaint(PAIR.replace("[first]", "[" + "x,".repeat(2000) + "]")))
        .endsWith("exec has more than 1000 entries");
    assertThat(complaint(PAIR.replace("[first]", "[" + "x,".repeat(300) + "]")))
        .endsWith("exec has more than 256 commands");
  }

  @Test
  void filesThatAreNoMapsOrNoTextAreRefused() throws IOException {
    assertThat(complaint("")).isEqualTo("lab.yml is empty");
    assertThat(complaint("- a")).startsWith("lab.yml:1: the file is a map");
    assertThat(complaint("? [a]\n: b")).startsWith("lab.yml: this is no YAML: Non scalar key");
    assertThat(complaint("\u0001: b")).startsWith("lab.yml");
    Path file = folder.resolve("bytes.yml");
    Files.write(file, new byte[] {(byte) 0xFF, (byte) 0xFE, 0, 'x'});
    assertThatThrownBy(() -> LabReader.read(file, false)).hasMessageContaining("is no text");
    assertThatThrownBy(() -> LabReader.read(folder.resolve("none.yml"), false))
        .hasMessageContaining("there is no file");
    assertThatThrownBy(() -> LabReader.read(folder, false)).hasMessageContaining("cannot read");
  }

  @Test
  void symbolicLinkOutOfTheFolderIsRefused() throws IOException {
    Files.createSymbolicLink(folder.resolve("out"), Path.of("/etc"));
    assertThat(complaint(PAIR.replace("conf:/etc/conf:ro", "out:/etc/conf")))
        .contains("has out, which is not below the file's folder");
    assertThat(LabReader.read(folder.resolve("lab.yml"), true).nodes()).hasSize(2);
  }
}
