package dev.ringzero.vmm.xen;

import dev.ringzero.engine.Clock;
import dev.ringzero.memory.FrameMemory;
import dev.ringzero.memory.FramePool;
import dev.ringzero.memory.MachineMemory;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/** A paravirtual VM: what its vCPUs share. */
final class XenDomain {
  /** Frames at the end of its memory that the guest does not know as its own. */
  static final int HIDDEN_FRAMES = FramePool.RUN_FRAMES;

  /** Numbers of domains: who asks, and the guest's own. */
  static final int SELF = 0x7FF0;

  static final int GUEST = 1;
  private static final int FIRST_GRANT_FRAME = 1; // of the hidden ones, behind the shared page

  /** Guards page tables and the uses of frames. */
  final ReentrantLock lock = new ReentrantLock();

  final FrameMemory memory;
  final Clock clock;
  final FrameTable frames;
  final MonitorArea area;
  final TableValidator tables;
  final EventChannels.SharedInfo shared;
  final EventChannels events;
  final GrantTable grants = new GrantTable(this);
  final PvConsole console = new PvConsole();
  final List<XenVcpu> vcpus = new ArrayList<>();
  final long sharedInfoHpa;
  private BooleanSupplier isEnded = () -> false;

  /** The guest has done what no guest may survive. */
  static final class Crash extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Crash(String why) {
      super(why, null, false, false);
    }
  }

  /**
   * Takes the memory's frames.
   *
   * @throws dev.ringzero.memory.OutOfFramesException if there are not enough
   */
  XenDomain(FrameMemory memory, Clock clock, int cpus) {
    this.memory = memory;
    this.clock = clock;
    frames = new FrameTable(memory);
    area = new MonitorArea(memory.pool(), frames, cpus);
    tables = new TableValidator(frames, area.slots(), new Translations());
    long sharedMfn = hiddenFrame(0);
    sharedInfoHpa = sharedMfn << FramePool.FRAME_SHIFT;
    shared = new EventChannels.SharedInfo(sharedInfoHpa);
    events = new EventChannels(shared);
    Instant now = clock.wallTime().minusNanos(clock.nanoTime());
    shared.wallClock(now.getEpochSecond(), now.getNano());
    shared.maxPfn(pages());
  }

  /** Sets who knows whether the VM has ended. */
  void endsWhen(BooleanSupplier ended) {
    isEnded = ended;
  }

  /** Between the parts of a long call: a VM that ended does not wait for the guest. */
  void endIfAsked() {
    if (isEnded.getAsBoolean()) {
      throw new Crash("it has ended");
    }
  }

  /** Pages that the guest knows as its own. */
  int pages() {
    return frames.frames() - HIDDEN_FRAMES;
  }

  /** A frame that the guest may map, always writable, and that is not among its pages. */
  private long hiddenFrame(int number) {
    long mfn = frames.mfn(pages() + number);
    frames.take(mfn, FrameTable.Type.WRITABLE);
    MachineMemory.fill(mfn << FramePool.FRAME_SHIFT, FramePool.FRAME_BYTES, 0);
    return mfn;
  }

  /** A frame for the table of grants. */
  long grantFrame(int number) {
    return hiddenFrame(FIRST_GRANT_FRAME + number);
  }

  /** Drops translations of every vCPU; returns when none uses an old one any more. */
  void flushAll() {
    memory.revocation().revoke(0, Long.MAX_VALUE, 7);
    vcpus.forEach(vcpu -> vcpu.translations.flushed());
  }

  /** Tells every vCPU what its translations may be wrong about. */
  private final class Translations implements TableValidator.Listener {
    @Override
    public void changed(long linear, boolean page) {
      if (linear == FrameTable.NO_PLACE) {
        return;
      }
      for (int i = 0; i < vcpus.size(); i++) {
        vcpus.get(i).translations.changed(linear, page);
      }
    }

    @Override
    public void topChanged() {
      vcpus.forEach(vcpu -> vcpu.translations.topChanged());
    }

    @Override
    public void topGone(long mfn) {
      vcpus.forEach(vcpu -> vcpu.translations.forget(mfn));
    }
  }
}
