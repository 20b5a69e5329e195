package dev.ringzero.vmm.guest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.memory.GuestMemory;
import dev.ringzero.vmm.machine.Balloon;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Debian's kernel gives memory back through its own balloon driver, and gets it again. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
final class BalloonGuestTest {
  private static final long INFLATED = 256L << 20;
  private static final String SCRIPT =
      """
      free_kib() { while read -r name value unit; do
        [ "$name" = MemFree: ] && echo $value; done </proc/meminfo; }
      mount -t tmpfs -o size=400m tmpfs /tmp
      fill() { for i in 1 2 3 4 5 6; do cat /bin/busybox; done >/tmp/$1; md5sum </tmp/$1; }
      fill before
      echo balloon up
      while [ $(free_kib) -gt 262144 ]; do usleep 20000; done
      fill inside
      md5sum </tmp/before
      echo balloon down
      while [ $(free_kib) -lt 300000 ]; do usleep 20000; done
      fill after
      md5sum </tmp/before
      """;

  @Test
  void memoryGoesAndComesWhileProgramsRun() throws Exception {
    try (ModuleGuest guest =
        new ModuleGuest(2, List.of(), List.of("virtio_pci", "virtio_balloon"), SCRIPT)) {
      Balloon balloon = guest.machine().balloon();
      guest.start();
      guest.await("balloon up");
      balloon.target(INFLATED);
      guest.await("balloon down");
      awaitActual(balloon, INFLATED);
      GuestMemory.Statistics memory = guest.machine().memory().statistics();
      assertThat(memory.framesGiven() << 12).isLessThanOrEqualTo(memory.ramBytes() - INFLATED);
      assertThat(balloon.figures().guest()).containsKey("totalBytes");
      balloon.target(0);
      List<String> lines = guest.awaitOutput().lines().toList();
      assertThat(lines).hasSize(7);
      assertThat(lines.stream().filter(line -> line.endsWith("-")).distinct()).hasSize(1);
      assertThat(balloon.figures().inflatedBytes()).isPositive();
    }
  }

  private static void awaitActual(Balloon balloon, long bytes) {
    while (balloon.figures().actualBytes() != bytes) {
      Thread.onSpinWait();
    }
  }
}
