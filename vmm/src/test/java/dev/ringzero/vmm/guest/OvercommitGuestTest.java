package dev.ringzero.vmm.guest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.engine.Execution;
import dev.ringzero.images.DefaultGuest;
import dev.ringzero.memory.FramePool;
import dev.ringzero.vmm.machine.EngineConfiguration;
import dev.ringzero.vmm.machine.MachineEnd;
import dev.ringzero.vmm.memory.MemoryTechnique;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Two machines are promised more memory than there is. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
final class OvercommitGuestTest {
  private static final long PROMISED_BYTES = 512L << 20;
  private static final long POOL_BYTES = 256L << 20;
  private static final String GREEDY = "dd if=/dev/zero of=/tmp/large bs=1M count=400";
  private static final String MODEST = "while sleep 1; do echo still here; done";

  private final FramePool pool = FramePool.host();

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"DIRECT", "BARE"}) // take it at once
  void theMachineThatAsksForTooMuchEndsAndTheOtherGoesOn(MemoryTechnique technique)
      throws Exception {
    DefaultGuest guest = GuestFiles.orSkip();
    EngineConfiguration.Software engine =
        new EngineConfiguration.Software(Execution.FASTEST, technique);
    long limit = pool.limitFrames();
    pool.limitFrames(pool.givenFrames() + (POOL_BYTES >>> FramePool.FRAME_SHIFT));
    try (StockGuest modest = new StockGuest(guest, PROMISED_BYTES, 1, engine, Map.of(), MODEST);
        StockGuest greedy = new StockGuest(guest, PROMISED_BYTES, 1, engine, Map.of(), GREEDY)) {
      modest.machine().start();
      MachineEnd end = greedy.run();

      assertThat(end.cause()).as(end.detail()).isEqualTo(MachineEnd.Cause.OUT_OF_MEMORY);
      assertThat(end.detail()).startsWith("no machine memory is left: ");
      modest.awaitMore();
    } finally {
      pool.limitFrames(limit);
    }
  }
}
