package dev.ringzero.vmm.guest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.network.nat.NatAttachment;
import dev.ringzero.network.nat.NatSettings;
import dev.ringzero.vmm.machine.CardConfiguration;
import dev.ringzero.vmm.machine.EngineConfiguration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Linux makes virtual functions of a network card, drives them, and takes them away again. */
@Timeout(300)
final class VirtualFunctionsGuestTest {
  private static final String SCRIPT =
      """
      cd /sys/bus/pci/devices
      card=$(dirname */sriov_numvfs)
      cat $card/sriov_totalvfs
      echo 3 >$card/sriov_numvfs
      cat $card/virtfn2/vendor $card/virtfn2/device
      ls /sys/class/net | grep -c eth
      ls $card/virtfn0/iommu_group/devices | wc -l
      ip link set eth1 up
      ip addr add 10.0.2.77/24 dev eth1
      ping -c 1 -w 20 -I eth1 10.0.2.2 | grep -o '1 packets received'
      echo 0 >$card/sriov_numvfs
      echo 9 >$card/sriov_numvfs
      basename $(readlink $card/virtfn8)
      ls -d /sys/kernel/iommu_groups/*/devices/0000:01:* | cut -d/ -f5 | sort -u | wc -l
      devmem 0xc01ff000 32 5
      while grep -q 'TOTAL_ERR_NONFATAL 0' $card/aer_dev_nonfatal; do usleep 10000; done
      grep UnsupReq $card/aer_dev_nonfatal
      echo 0 >$card/sriov_numvfs
      ls /sys/class/net | grep -c eth
      echo 11 >$card/sriov_numvfs 2>/dev/null || echo refused
      dmesg | grep -ciE 'DMAR:.*fault|call trace'
      """;

  @Test
  void virtualFunctionsComeWorkAndGoBehindAnIommu() throws Exception {
    CardConfiguration card =
        new CardConfiguration(
            new NatAttachment(NatSettings.ordinary()),
            OptionalLong.empty(),
            OptionalInt.empty(),
            OptionalInt.empty(),
            Optional.empty(),
            10);
    try (ModuleGuest guest =
        new ModuleGuest(
            List.of(card),
            List.of("virtio_pci", "virtio_net"),
            SCRIPT,
            "intel_iommu=on",
            EngineConfiguration.Software.FASTEST.with(true))) {
      guest.start();
      assertThat(guest.awaitOutput())
          .startsWith(
              "10\n0x1af4\n0x1041\n4\n1\n1 packets received\n"
                  + "0000:01:01.1\n10\nUnsupReq 1\n1\nrefused\n0\n");
    }
  }
}
