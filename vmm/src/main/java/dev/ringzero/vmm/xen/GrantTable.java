package dev.ringzero.vmm.xen;

import dev.ringzero.memory.FramePool;
import dev.ringzero.memory.MachineMemory;
import dev.ringzero.vmm.xen.FrameTable.Type;
import dev.ringzero.vmm.xen.device.Grants;

/**
 * The grants of a paravirtual guest, in frames that it shares with the monitor: which of its frames
 * devices may use. A device's use is marked in the entry, and ends before the guest can take the
 * grant back; the entry is read once, under the lock of the {@link XenDomain}, so that no frame
 * changes its use meanwhile.
 *
 * <p>Not modelled: version 2, transfers, transitive grants, a guest that maps or copies its own.
 *
 * @spec Xen public/grant_table.h
 */
final class GrantTable implements Grants {
  static final int MOST_FRAMES = 32;
  private static final int ENTRIES_A_FRAME = 512;
  private static final int TYPE = 3;
  private static final int PERMIT_ACCESS = 1;
  private static final int READ_ONLY = 1 << 2;
  private static final int READING = 1 << 3;
  private static final int WRITING = 1 << 4;
  private static final int MONITORS_DOMAIN = 0;
  private static final long REFUSED = -1;

  private static final int SETUP_TABLE = 2;
  private static final int QUERY_SIZE = 6;
  private static final int SET_VERSION = 8;
  private static final int GET_VERSION = 10;
  private static final int GENERAL_ERROR = -1;
  private static final int BAD_DOMAIN = -2;

  private final XenDomain domain;
  private final long[] frames = new long[MOST_FRAMES];

  /** How often a device keeps a reference, and the frame that it keeps. */
  private final int[] kept = new int[MOST_FRAMES * ENTRIES_A_FRAME];

  private final long[] keptMfns = new long[MOST_FRAMES * ENTRIES_A_FRAME];
  private int count;

  GrantTable(XenDomain domain) {
    this.domain = domain;
  }

  // --- the guest's calls

  long operation(XenVcpu vcpu, int command, long at, int calls) {
    for (int i = 0; i < calls; i++) {
      domain.endIfAsked();
      switch (command) {
        case SETUP_TABLE -> setup(vcpu, at + i * 24L);
        case QUERY_SIZE -> query(vcpu, at + i * 16L);
        case SET_VERSION -> {
          if (vcpu.memory.read32(at) != 1) {
            vcpu.memory.write32(at, 1);
            throw XenError.INVALID;
          }
        }
        case GET_VERSION -> vcpu.memory.write32(at + i * 8L + 4, 1);
        default -> throw XenError.NO_SYSTEM_CALL;
      }
    }
    return 0;
  }

  private static boolean isSelf(XenVcpu vcpu, long at) {
    int who = vcpu.memory.read16(at) & 0xFFFF;
    return who == XenDomain.SELF || who == XenDomain.GUEST;
  }

  private void setup(XenVcpu vcpu, long at) {
    int wanted = vcpu.memory.read32(at + 4);
    long list = vcpu.memory.read64(at + 16);
    if (!isSelf(vcpu, at)) {
      vcpu.memory.write32(at + 8, BAD_DOMAIN & 0xFFFF);
      return;
    }
    if (wanted < 0 || wanted > MOST_FRAMES) {
      vcpu.memory.write32(at + 8, GENERAL_ERROR & 0xFFFF);
      return;
    }
    while (count < wanted) {
      frames[count] = domain.grantFrame(count);
      count++;
    }
    for (int i = 0; i < wanted; i++) {
      vcpu.memory.write64(list + i * 8L, frames[i]);
    }
    vcpu.memory.write32(at + 8, 0);
  }

  private void query(XenVcpu vcpu, long at) {
    vcpu.memory.write32(at + 4, count);
    vcpu.memory.write32(at + 8, MOST_FRAMES);
    vcpu.memory.write32(at + 12, isSelf(vcpu, at) ? 0 : BAD_DOMAIN & 0xFFFF);
  }

  // --- the devices' uses

  /**
   * Marks an entry as used.
   *
   * @return the frame that it grants, or {@link #REFUSED}
   */
  private long begin(int reference, boolean write) {
    long entry = entry(reference);
    if (entry == REFUSED) {
      return REFUSED;
    }
    int marks = write ? READING | WRITING : READING;
    while (true) {
      long word = MachineMemory.read32(entry);
      boolean allowed =
          (word & TYPE) == PERMIT_ACCESS
              && word >>> 16 == MONITORS_DOMAIN
              && (!write || (word & READ_ONLY) == 0);
      if (!allowed) {
        return REFUSED;
      }
      if (MachineMemory.compareAndSet32(entry, word, word | marks)) {
        return MachineMemory.read32(entry + 4);
      }
    }
  }

  private void end(int reference) {
    long entry = entry(reference);
    long word;
    do {
      word = MachineMemory.read32(entry);
    } while (!MachineMemory.compareAndSet32(entry, word, word & ~(long) (READING | WRITING)));
  }

  private long entry(int reference) {
    if (reference < 0 || reference >= count * ENTRIES_A_FRAME) {
      return REFUSED;
    }
    long frame = frames[reference / ENTRIES_A_FRAME] << FramePool.FRAME_SHIFT;
    return frame + reference % ENTRIES_A_FRAME * 8L;
  }

  @Override
  public boolean read(int reference, int offset, byte[] to, int at, int lengthBytes) {
    return copy(reference, offset, to, at, lengthBytes, false);
  }

  @Override
  public boolean write(int reference, int offset, byte[] from, int at, int lengthBytes) {
    return copy(reference, offset, from, at, lengthBytes, true);
  }

  private boolean copy(int reference, int offset, byte[] bytes, int at, int length, boolean write) {
    if (offset < 0 || length < 0 || offset > FramePool.FRAME_BYTES - length) {
      return false;
    }
    domain.lock.lock();
    try {
      long mfn = begin(reference, write);
      if (mfn == REFUSED) {
        return false;
      }
      try {
        return copy(mfn, offset, bytes, at, length, write);
      } finally {
        if (kept[reference] == 0) {
          end(reference);
        }
      }
    } finally {
      domain.lock.unlock();
    }
  }

  private boolean copy(long mfn, int offset, byte[] bytes, int at, int length, boolean write) {
    if (domain.frames.pfn(mfn) < 0) {
      return false;
    }
    long hpa = (mfn << FramePool.FRAME_SHIFT) + offset;
    if (!write) {
      MachineMemory.read(hpa, bytes, at, length);
      return true;
    }
    try {
      domain.tables.take(mfn, Type.WRITABLE);
    } catch (XenError e) {
      return false;
    }
    MachineMemory.write(hpa, bytes, at, length);
    domain.memory.written(mfn, offset, length);
    domain.tables.give(mfn, Type.WRITABLE);
    return true;
  }

  @Override
  public long map(int reference) {
    domain.lock.lock();
    try {
      long mfn = begin(reference, true);
      if (mfn == REFUSED) {
        return REFUSED;
      }
      if (domain.frames.pfn(mfn) < 0 || kept[reference] > 0 && keptMfns[reference] != mfn) {
        endUnlessKept(reference);
        return REFUSED;
      }
      try {
        domain.tables.take(mfn, Type.WRITABLE);
      } catch (XenError e) {
        endUnlessKept(reference);
        return REFUSED;
      }
      domain.frames.reference(mfn);
      kept[reference]++;
      keptMfns[reference] = mfn;
      return mfn << FramePool.FRAME_SHIFT;
    } finally {
      domain.lock.unlock();
    }
  }

  private void endUnlessKept(int reference) {
    if (kept[reference] == 0) {
      end(reference);
    }
  }

  @Override
  public void unmap(int reference) {
    domain.lock.lock();
    try {
      domain.frames.dereference(keptMfns[reference]);
      domain.tables.give(keptMfns[reference], Type.WRITABLE);
      kept[reference]--;
      endUnlessKept(reference);
    } finally {
      domain.lock.unlock();
    }
  }

  @Override
  public Channel connect(int port, Runnable heard) {
    return domain.events.connect(port, heard);
  }
}
