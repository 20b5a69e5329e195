package dev.ringzero.cli.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringzero.cli.UsageException;
import dev.ringzero.control.network.SwitchAttachment;
import dev.ringzero.network.switching.VlanMode;
import dev.ringzero.vmm.machine.CardConfiguration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class CardOptionTest {
  private static List<CardConfiguration> cards(String... options) {
    return CardOption.all(List.of(options), false, List.of());
  }

  @Test
  void severalCardsComeInTheirOrder() {
    List<CardConfiguration> cards =
        cards("nat", "switch=lan0,mac=52:5a:00:00:00:07,vlan=10,mtu=9000,queues=2,ip=10.0.0.1/24");
    assertThat(cards).hasSize(2);
    assertThat(cards.getFirst().network().description()).isEqualTo("nat");
    CardConfiguration second = cards.getLast();
    assertThat(second.mac()).hasValue(0x52_5A_00_00_00_07L);
    assertThat(second.mtu()).hasValue(9000);
    assertThat(second.queues()).hasValue(2);
    assertThat(second.address()).hasValue("10.0.0.1/24");
    assertThat(((SwitchAttachment) second.network()).mode()).isEqualTo(new VlanMode.Access(10));
  }

  @Test
  void noneIsNoCard() {
    assertThat(cards("none")).isEmpty();
    assertThat(cards()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          lan0 | --net lan0: it takes nat, none, switch=NAME, cable=NAME or tap=NAME
          switch | --net switch: a switch has a name of letters and digits, such as switch=lan0
          switch=../x | --net switch=../x: a switch has a name of letters and digits, such as switch=lan0
          nat,vlan=3 | --net nat,vlan=3: only a switch has VLANs
          switch=a,vlan=4095 | --net switch=a,vlan=4095: vlan is a VLAN is 1 to 4094, not 4095
          switch=a,trunk=9-3 | --net switch=a,trunk=9-3: trunk is VLANs from 9 to 3
          switch=a,mtu=100000 | --net switch=a,mtu=100000: mtu is a number from 576 to 9000, not 100000
          nat,mtu=9000 | --net nat,mtu=9000: the NAT's packets are up to 1500 bytes
          nat,mac=x | --net nat,mac=x: mac is an address such as 52:5a:00:00:00:01, not x
          nat,mac=01:00:00:00:00:01 | --net nat,mac=01:00:00:00:00:01: mac is the address of one card, not of a group: 01:00:00:00:00:01
          nat,colour=red | --net nat,colour=red: known are mac, mtu, queues, ip, vfs, model, vlan and trunk, not colour
          nat,model=e1000 | --net nat,model=e1000: model is virtio, virtio-plain or 82576, not e1000
          nat,model=82576,vfs=8 | --net nat,model=82576,vfs=8: an 82576 has up to 7 virtual functions
          nat,model=82576,queues=2 | --net nat,model=82576,queues=2: an 82576 has the queues that its driver wants: leave queues= out
          nat,fast | --net nat,fast: it has fast where KEY=VALUE is wanted
          nat,ip=10.0.0.1 | --net nat,ip=10.0.0.1: ip is dhcp, none or such as 10.0.0.1/24, not 10.0.0.1
          tap= | --net tap=: an interface has a name, such as tap=tap0
          """)
  void whatIsWrongIsSaidInALine(String option, String message) {
    assertThatThrownBy(() -> cards(option)).isInstanceOf(UsageException.class).hasMessage(message);
  }

  @Test
  void cardsThatDoNotGoTogetherAreRefused() {
    assertThatThrownBy(() -> cards("none", "nat")).isInstanceOf(UsageException.class);
    assertThatThrownBy(() -> cards("nat,mac=52:5a:00:00:00:01", "switch=a,mac=52:5a:00:00:00:01"))
        .hasMessageContaining("another card of this machine has that address already");
    assertThatThrownBy(() -> CardOption.all(List.of("switch=a"), true, List.of()))
        .hasMessage("--publish and --allow-host need --net nat");
    assertThatThrownBy(() -> CardOption.all(List.of("nat"), false, List.of("x")))
        .hasMessage("--publish 'x' is not HOST:GUEST, such as 8080:80");
  }

  @Test
  void whatBecomesOfACableIsReadInPeoplesUnits() {
    assertThat(LinkWords.parse(List.of("delay=20ms", "jitter=500us", "loss=0.5%", "rate=10mbit")))
        .isEqualTo(
            Map.of(
                "delayNanos",
                20_000_000L,
                "jitterNanos",
                500_000L,
                "loss",
                0.005,
                "bitsPerSecond",
                10_000_000L));
    assertThat(LinkWords.parse(List.of("down"))).isEqualTo(Map.of("down", true));
    for (String wrong : List.of("delay=20", "loss=101%", "rate=fast", "sideways", "delay")) {
      assertThatThrownBy(() -> LinkWords.parse(List.of(wrong))).isInstanceOf(UsageException.class);
    }
  }
}
