package dev.ringzero.vmm.xen;

import dev.ringzero.memory.OutOfFramesException;

/**
 * The hypercalls by which the guest gives frames back and gets others: its balloon. Under the lock
 * of the {@link XenDomain}.
 *
 * <p>Not modelled: extents of several frames, exchanges, maps of the machine's memory.
 *
 * @spec Xen public/memory.h
 */
final class MemoryCalls {
  private static final int INCREASE_RESERVATION = 0;
  private static final int DECREASE_RESERVATION = 1;
  private static final int MAXIMUM_RAM_PAGE = 2;
  private static final int CURRENT_RESERVATION = 3;
  private static final int MAXIMUM_RESERVATION = 4;
  private static final int POPULATE_PHYSMAP = 6;
  private static final int COMMAND = 0x3F; // above it, how far a call has come
  private static final long MOST_EXTENTS = 1 << 16;

  private final XenDomain domain;

  MemoryCalls(XenDomain domain) {
    this.domain = domain;
  }

  long operation(XenVcpu vcpu, int command, long at) {
    return switch (command & COMMAND) {
      case MAXIMUM_RAM_PAGE -> domain.frames.lastMfn();
      case CURRENT_RESERVATION -> domain.pages() - domain.frames.holes();
      case MAXIMUM_RESERVATION -> domain.pages();
      case DECREASE_RESERVATION -> each(vcpu, at, list -> release(vcpu, list));
      case INCREASE_RESERVATION -> each(vcpu, at, list -> populate(vcpu, list, false));
      case POPULATE_PHYSMAP -> each(vcpu, at, list -> populate(vcpu, list, true));
      default -> throw XenError.NO_SYSTEM_CALL;
    };
  }

  /** What is done with one extent, whose entry in the guest's list is there; false to stop. */
  private interface Extent {
    boolean done(long listEntry);
  }

  /** How many extents were done: the guest learns of a refusal by fewer than it asked for. */
  private long each(XenVcpu vcpu, long at, Extent extent) {
    long list = vcpu.memory.read64(at);
    long count = vcpu.memory.read64(at + 8);
    int order = vcpu.memory.read32(at + 16);
    int who = vcpu.memory.read16(at + 24) & 0xFFFF;
    if (who != XenDomain.SELF && who != XenDomain.GUEST) {
      throw XenError.PERMISSION;
    }
    if (order != 0 || count < 0 || count > MOST_EXTENTS) {
      throw XenError.INVALID;
    }
    for (long i = 0; i < count; i++) {
      boolean done;
      try {
        done = extent.done(list + i * 8);
      } catch (XenError | OutOfFramesException e) {
        done = false;
      }
      if (!done) {
        return i;
      }
    }
    return count;
  }

  private boolean release(XenVcpu vcpu, long listEntry) {
    long mfn = vcpu.memory.read64(listEntry);
    int pfn = domain.frames.pfn(mfn);
    if (pfn < 0 || pfn >= domain.pages() || !domain.frames.isUnused(mfn)) {
      return false;
    }
    domain.area.lost(mfn);
    domain.frames.giveBack(mfn);
    return true;
  }

  private boolean populate(XenVcpu vcpu, long listEntry, boolean named) {
    long name = vcpu.memory.read64(listEntry);
    vcpu.memory.hpa(listEntry, true);
    long mfn = domain.frames.takeBack();
    try {
      if (domain.area.got(mfn)) {
        domain.flushAll();
      }
    } catch (OutOfFramesException e) {
      domain.frames.giveBack(mfn);
      throw e;
    }
    if (named) {
      domain.area.m2p(mfn, name);
    }
    vcpu.memory.write64(listEntry, mfn);
    return true;
  }
}
