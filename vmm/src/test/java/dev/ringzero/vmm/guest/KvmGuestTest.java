package dev.ringzero.vmm.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ringzero.images.DefaultGuest;
import dev.ringzero.images.ImageCache;
import dev.ringzero.images.Progress;
import dev.ringzero.images.initramfs.DefaultInitramfs;
import dev.ringzero.images.initramfs.DefaultInitramfs.GuestCommand;
import dev.ringzero.images.kernel.KernelFiles;
import dev.ringzero.kvm.KvmProbe;
import dev.ringzero.vmm.machine.EngineConfiguration;
import dev.ringzero.vmm.machine.HostLinks;
import dev.ringzero.vmm.machine.Machine;
import dev.ringzero.vmm.machine.MachineConfiguration;
import dev.ringzero.vmm.machine.MachineEnd;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Debian's stock kernel on the host's processor. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
final class KvmGuestTest {
  private static final String SCRIPT =
      "cat /sys/devices/system/clocksource/clocksource0/current_clocksource;"
          + " for i in 1 2 3 4 5; do date -u; sleep 1; done | wc -l; dmesg | grep -i -B12 -A24 'call trace'";

  private final ByteArrayOutputStream output = new ByteArrayOutputStream();
  private final CountDownLatch started = new CountDownLatch(1);

  @BeforeAll
  static void kvmIsHere() {
    KvmProbe.Result host = KvmProbe.probe();
    assumeTrue(
        host.verdict() == KvmProbe.Verdict.USABLE,
        () -> "skipped without a full KVM: " + host.words());
  }

  @Test
  void guestGoesOnAfterPauseSaveAndRestore() throws Exception {
    try (Machine machine = new Machine(configuration())) {
      machine.channel().addListener(this::take);
      machine.start();
      assertThat(started.await(8, TimeUnit.MINUTES)).isTrue();
      machine.pause();
      byte[] saved = machine.saveState();
      machine.restoreState(saved);
      assertThat(machine.saveState()).isEqualTo(saved);
      machine.resume();
      assertThat(machine.awaitEnd().cause()).isEqualTo(MachineEnd.Cause.POWER_OFF);
    }
    assertThat(output.toString(StandardCharsets.US_ASCII).lines())
        .containsExactly("kvm-clock", "5", "the-mark 1"); // nothing found by the last grep
  }

  private synchronized void take(byte[] bytes, int length) {
    output.write(bytes, 0, length);
    started.countDown();
  }

  private static MachineConfiguration configuration() throws IOException {
    DefaultGuest guest = GuestFiles.orSkip();
    byte[] initrd =
        new DefaultInitramfs(
                "guest", Optional.empty(), Optional.of(new GuestCommand(SCRIPT, "the-mark")))
            .build(Files.readAllBytes(guest.busybox()));
    return new MachineConfiguration(
        "guest",
        512L << 20,
        2,
        new KernelFiles(ImageCache.ofUser(), Progress.SILENT).open(guest.kernel()),
        Optional.of(initrd),
        "console=ttyS0 panic=-1 quiet",
        List.of(),
        List.of(),
        HostLinks.NONE,
        new EngineConfiguration.Kvm());
  }
}
