package dev.ringzero.vmm.guest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.images.DefaultGuest;
import dev.ringzero.memory.FramePool;
import dev.ringzero.memory.GuestMemory;
import dev.ringzero.vmm.machine.EngineConfiguration;
import dev.ringzero.vmm.machine.MachineEnd;
import dev.ringzero.x86.ExitReason;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** With extended page tables the monitor is out of the way once memory was touched. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
final class SteadyStateGuestTest {
  private static final String WORK = "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; ";
  private static final long FEW_FRAMES = 16;

  @Test
  void noExitIsForMemoryAfterTheFirstTouch() throws Exception {
    DefaultGuest guest = GuestFiles.orSkip();
    AtomicLong warm = new AtomicLong(-1);
    AtomicLong done = new AtomicLong(-1);
    try (StockGuest machine =
        new StockGuest(
            guest,
            256L << 20,
            1,
            EngineConfiguration.Software.FASTEST,
            Map.of(),
            WORK + "echo warm; " + WORK + "echo done")) {
      machine
          .machine()
          .channel()
          .addListener((bytes, length) -> {
            String text = machine.output();
            long exits = machine.machine().cpu(0).exits().count(ExitReason.EPT_VIOLATION);
            if (text.contains("warm")) {
              warm.compareAndSet(-1, exits);
            }
            if (text.contains("done")) {
              done.compareAndSet(-1, exits);
            }
          });
      MachineEnd end = machine.run();
      GuestMemory.Statistics statistics = machine.machine().memory().statistics();

      assertThat(end.cause()).as(end.detail()).isEqualTo(MachineEnd.Cause.POWER_OFF);
      assertThat(warm.get()).isPositive();
      assertThat(done.get()).isEqualTo(warm.get());
      long most = statistics.framesTouched() * 3 / 1000;
      assertThat(statistics.tableFrames() * FramePool.FRAME_BYTES)
          .as("the table takes less than 0.3 %% of what was touched")
          .isLessThan(Math.max(most, FEW_FRAMES) * FramePool.FRAME_BYTES);
    }
  }
}
