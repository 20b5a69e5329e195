package dev.ringzero.vmm.xen;

import dev.ringzero.devices.virtio.block.BlockBackend;
import dev.ringzero.engine.AgentRunner;
import dev.ringzero.engine.wire.Wire;
import dev.ringzero.memory.FramePool;
import dev.ringzero.vmm.xen.device.PvDisk;
import dev.ringzero.vmm.xen.device.PvNetwork;
import dev.ringzero.vmm.xen.store.Store;
import dev.ringzero.vmm.xen.store.StoreRing;

/** What a paravirtual guest finds in its store: itself, its disks and its network cards. */
public final class XenDevices {
  private static final String TARGET = "/memory/target";

  private final XenDomain domain;
  private final AgentRunner runner;
  private final Store store = new Store();
  private int disks;
  private int cards;
  private volatile long targetBytes;

  XenDevices(XenDomain domain, AgentRunner runner, int cpus) {
    this.domain = domain;
    this.runner = runner;
    store.write(Store.HOME + "/domid", Integer.toString(XenDomain.GUEST));
    store.write(Store.HOME + "/memory/static-max", kibibytes(domain.pages()));
    store.write(Store.HOME + TARGET, kibibytes(domain.pages()));
    for (String own : new String[] {"control", "data", "attr", "drivers", "feature", "error"}) {
      store.give(Store.HOME + "/" + own, "");
    }
    store.give(Store.HOME + "/control/shutdown", "");
    store.write(Store.HOME + "/device", "");
    for (int cpu = 0; cpu < cpus; cpu++) {
      store.write(Store.HOME + "/cpu/" + cpu + "/availability", "online");
    }
  }

  private static String kibibytes(long pages) {
    return Long.toString(pages * 4);
  }

  /** Adds a disk, before the guest runs: xvda, then xvdb and so on. See {@link PvDisk}. */
  public PvDisk disk(BlockBackend backend, boolean flushesWrites, Runnable stalled) {
    return new PvDisk(store, domain.grants, runner, disks++, backend, flushesWrites, stalled);
  }

  /** Adds a network card, before the guest runs. */
  public PvNetwork card(long mac, int mtu, Wire wire) {
    return new PvNetwork(store, domain.grants, runner, cards++, mac, mtu, wire);
  }

  /** Asks the guest to do without so many bytes of the VM's RAM, part of which it never had. */
  public void balloonTarget(long bytes) {
    long hidden = (long) XenDomain.HIDDEN_FRAMES * FramePool.FRAME_BYTES;
    targetBytes = Math.max(0, bytes - hidden);
    long pages = domain.pages() - targetBytes / FramePool.FRAME_BYTES;
    store.write(Store.HOME + TARGET, kibibytes(pages));
  }

  public long balloonTarget() {
    return targetBytes;
  }

  /** Whether the guest looks at what it is asked to do without. */
  public boolean hasBalloonDriver() {
    return store.isWatched(Store.HOME + TARGET);
  }

  /** Bytes that the guest does without. */
  public long balloonBytes() {
    domain.lock.lock();
    try {
      return (long) domain.frames.holes() * FramePool.FRAME_BYTES;
    } finally {
      domain.lock.unlock();
    }
  }

  /** Asks the guest to shut down. */
  public void requestShutdown() {
    store.give(Store.HOME + "/control/shutdown", "poweroff");
  }

  /**
   * Makes a page the store's ring.
   *
   * @return the event channel by which the guest and the store call each other
   */
  int connect(long ringHpa) {
    Waking waking = new Waking();
    int port = domain.events.backend(waking);
    StoreRing ring = new StoreRing(store, ringHpa, () -> domain.events.raise(port));
    waking.waker = runner.add("xen-store", ring);
    store.onEvents(waking);
    return port;
  }

  /** Wakes the ring's agent, which cannot be made without the channel that wakes it. */
  private static final class Waking implements Runnable {
    private volatile AgentRunner.Waker waker = () -> {};

    @Override
    public void run() {
      waker.wake();
    }
  }
}
