package dev.ringzero.control.server;

import dev.ringzero.control.run.GuestRun;
import dev.ringzero.images.ImageException;
import dev.ringzero.memory.FramePool;
import dev.ringzero.memory.GuestMemory;
import dev.ringzero.vmm.machine.Balloon;
import java.util.LinkedHashMap;
import java.util.Map;

/** Requests about a machine's memory: what it takes, and how much the guest may have. */
final class MemoryRequests {
  private static final long LEAST_BYTES = 64L << 20;
  private static final int MEBIBYTE_SHIFT = 20;
  private static final int LOOKS = 50;
  private static final long LOOK_AGAIN_MILLIS = 20;

  private final GuestRun run;

  MemoryRequests(GuestRun run) {
    this.run = run;
  }

  /** Asks the guest to make do with a size, if there is one, and tells where things are. */
  Map<String, Object> answer(Map<String, Object> request) throws InterruptedException {
    if (request.get("bytes") instanceof Long bytes) {
      resize(bytes);
    }
    Balloon balloon = run.machine().balloon();
    if (Boolean.TRUE.equals(request.get("statistics"))) {
      balloon.refreshStatistics();
      for (int i = 0; i < LOOKS && balloon.isRefreshing(); i++) {
        Thread.sleep(LOOK_AGAIN_MILLIS);
      }
    }
    return view(balloon.figures());
  }

  private void resize(long bytes) {
    long most = run.machine().configuration().memoryBytes();
    Balloon balloon = run.machine().balloon();
    if (!balloon.figures().driverReady()) {
      throw new ImageException(
          "the guest has no driver for its balloon; in Linux it is the module virtio_balloon");
    }
    if (bytes < LEAST_BYTES || bytes > most) {
      throw new ImageException(
          "the guest can have %d to %d MiB, not %d"
              .formatted(
                  LEAST_BYTES >> MEBIBYTE_SHIFT, most >> MEBIBYTE_SHIFT, bytes >> MEBIBYTE_SHIFT));
    }
    balloon.target(Math.max(0, run.machine().memory().ramBytes() - bytes));
  }

  private Map<String, Object> view(Balloon.Figures figures) {
    GuestMemory.Statistics memory = run.machine().memory().statistics();
    Map<String, Object> view = new LinkedHashMap<>();
    view.put("ramBytes", memory.ramBytes());
    view.put("givenBytes", memory.framesGiven() * FramePool.FRAME_BYTES);
    view.put("touchedBytes", memory.framesTouched() * FramePool.FRAME_BYTES);
    view.put("tableBytes", memory.tableFrames() * FramePool.FRAME_BYTES);
    view.put("balloonDriver", figures.driverReady());
    view.put("balloonTargetBytes", figures.targetBytes());
    view.put("balloonBytes", figures.actualBytes());
    view.put("inflatedBytes", figures.inflatedBytes());
    view.put("reportedFreeBytes", figures.reportedBytes());
    view.put("guest", figures.guest());
    return view;
  }
}
