package dev.ringzero.vmm.guest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.images.DebianKernel;
import dev.ringzero.network.nat.NatAttachment;
import dev.ringzero.network.nat.NatSettings;
import dev.ringzero.vmm.machine.CardConfiguration;
import dev.ringzero.vmm.machine.CardModel;
import dev.ringzero.vmm.machine.EngineConfiguration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Stock igb drives an Intel 82576 behind an IOMMU and makes virtual functions, which stock igbvf
 * drives; functions are reset, drivers let go and come back, and both are unloaded at last.
 */
@Timeout(300)
final class IntelCardGuestTest {
  private static final String SCRIPT =
      """
      up() {
        ip link set $1 up
        for i in $(seq 200); do [ "$(cat /sys/class/net/$1/carrier)" = 1 ] && break; sleep 0.1; done
      }
      pings() {
        ip addr add $2/24 dev $1
        ping -c 2 -w 20 -I $1 10.0.2.2 | grep -o '2 packets received'
        ip addr del $2/24 dev $1
      }
      up eth0
      cat /sys/class/net/eth0/speed
      pings eth0 10.0.2.76
      card=/sys/class/net/eth0/device
      cat $card/sriov_totalvfs
      echo 2 >$card/sriov_numvfs
      cat $card/virtfn1/device
      ls $card/virtfn0/iommu_group/devices | wc -l
      up eth1
      pings eth1 10.0.2.77
      up eth2
      pings eth2 10.0.2.78
      pings eth0 10.0.2.76
      echo 0000:01:00.2 >/sys/bus/pci/drivers/igbvf/unbind
      echo 1 >/sys/bus/pci/devices/0000:01:00.2/reset
      echo 0000:01:00.2 >/sys/bus/pci/drivers/igbvf/bind
      up eth2
      pings eth2 10.0.2.78
      echo 0 >$card/sriov_numvfs
      echo 0000:01:00.0 >/sys/bus/pci/drivers/igb/unbind
      ls /sys/class/net
      echo 0000:01:00.0 >/sys/bus/pci/drivers/igb/bind
      up eth0
      pings eth0 10.0.2.76
      rmmod igbvf && rmmod igb && echo gone
      dmesg | grep -ciE 'DMAR:.*fault|call trace|WARNING|Tx Unit Hang|BUG:'
      """;

  @Test
  void stockDriversComeGoAndWork() throws Exception {
    CardConfiguration card =
        new CardConfiguration(
            new NatAttachment(NatSettings.ordinary()),
            OptionalLong.empty(),
            OptionalInt.empty(),
            OptionalInt.empty(),
            Optional.empty(),
            7,
            CardModel.INTEL_82576);
    try (ModuleGuest guest =
        new ModuleGuest(
            DebianKernel.GENERAL,
            List.of(card),
            List.of("igb", "igbvf"),
            SCRIPT,
            "intel_iommu=on",
            EngineConfiguration.Software.FASTEST.with(true))) {
      guest.start();
      String pinged = "2 packets received\n";
      assertThat(guest.awaitOutput())
          .startsWith(
              "1000\n"
                  + pinged
                  + "7\n0x10ca\n1\n"
                  + pinged.repeat(4)
                  + "lo\n"
                  + pinged
                  + "gone\n0\n");
    }
  }
}
