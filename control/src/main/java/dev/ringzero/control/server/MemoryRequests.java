package dev.ringzero.control.server;

import dev.ringzero.control.run.GuestRun;
import dev.ringzero.images.ImageException;
import dev.ringzero.memory.FrameMap;
import dev.ringzero.memory.FrameMemory;
import dev.ringzero.memory.FramePool;
import dev.ringzero.memory.GuestMemory;
import dev.ringzero.vmm.machine.Balloon;
import dev.ringzero.vmm.xen.XenMonitor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;

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
    OptionalLong shared = OptionalLong.empty();
    if (Boolean.TRUE.equals(request.get("zeros"))) {
      shared = OptionalLong.of(shareZeros());
    }
    if (Boolean.TRUE.equals(request.get("statistics"))) {
      balloon.refreshStatistics();
      for (int i = 0; i < LOOKS && balloon.isRefreshing(); i++) {
        Thread.sleep(LOOK_AGAIN_MILLIS);
      }
    }
    Map<String, Object> view = view(balloon.figures());
    shared.ifPresent(bytes -> view.put("zeroBytesGivenBack", bytes));
    if (Boolean.TRUE.equals(request.get("map"))) {
      view.put("map", map());
    }
    return view;
  }

  private long shareZeros() {
    if (!(run.machine().memory() instanceof FrameMemory memory)) {
      throw new ImageException("with KVM the host itself finds equal pages: see its ksmd");
    }
    if (run.machine().memoryVirtualization() instanceof XenMonitor) {
      throw new ImageException("a guest with direct paging knows its frames and keeps them");
    }
    return memory.shareZeros();
  }

  /** By gpa: pieces of RAM, and where they are. */
  private List<Object> map() {
    if (!(run.machine().memory() instanceof FrameMemory memory)) {
      return List.of();
    }
    List<Object> map = new ArrayList<>();
    for (FrameMap.Piece piece : memory.frameMap().pieces()) {
      Map<String, Object> view = new LinkedHashMap<>();
      view.put("gfn", piece.gpa() >>> FramePool.FRAME_SHIFT);
      view.put("pages", piece.pages());
      if (piece.mfn() != FramePool.NONE) {
        view.put("mfn", piece.mfn());
      }
      view.put("kind", piece.kind().name().toLowerCase(Locale.ROOT).replace('_', ' '));
      view.put("large", piece.large());
      map.add(view);
    }
    return map;
  }

  private void resize(long bytes) {
    long most = run.machine().configuration().memoryBytes();
    Balloon balloon = run.machine().balloon();
    if (!balloon.figures().driverReady()) {
      throw new ImageException(
          "the guest has no driver for its balloon; in Linux it is the module virtio_balloon,"
              + " with direct paging what CONFIG_XEN_BALLOON builds in");
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
    view.put("largeBytes", memory.framesLarge() * FramePool.FRAME_BYTES);
    view.put("sharedBytes", memory.framesShared() * FramePool.FRAME_BYTES);
    view.put("zeroBytes", memory.zeroPages() * FramePool.FRAME_BYTES);
    view.put("tableBytes", memory.tableFrames() * FramePool.FRAME_BYTES);
    view.put("tableFrames", run.machine().memoryVirtualization().tableFrames());
    view.put("balloonDriver", figures.driverReady());
    view.put("balloonTargetBytes", figures.targetBytes());
    view.put("balloonBytes", figures.actualBytes());
    view.put("inflatedBytes", figures.inflatedBytes());
    view.put("reportedFreeBytes", figures.reportedBytes());
    view.put("guest", figures.guest());
    return view;
  }
}
