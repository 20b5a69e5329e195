package dev.ringzero.vmm.xen;

import dev.ringzero.memory.FramePool;
import dev.ringzero.memory.MachineMemory;
import dev.ringzero.memory.OutOfFramesException;
import dev.ringzero.x86.PageEntry;
import java.util.ArrayList;
import java.util.List;

/**
 * The part of every address space of a paravirtual guest that belongs to the monitor: the table
 * from machine to the guest's own frame numbers, which the guest may read, and descriptor tables,
 * which only processors read.
 *
 * @spec Xen public/arch-x86/xen-x86_64.h, "HYPERVISOR_VIRT_START"
 */
final class MonitorArea {
  /** Linear address of the machine-to-physical table. */
  static final long M2P = 0xFFFF_8000_0000_0000L;

  /** Linear address of the descriptor tables of vCPU 0. */
  static final long DESCRIPTORS = 0xFFFF_8200_0000_0000L;

  /** Bytes of one vCPU's GDT, and as many of its LDT behind it. */
  static final long TABLE_BYTES = 64 << 10;

  /** Entries of a GDT that are the guest's own to fill; then comes one frame of the monitor's. */
  static final int GUEST_GDT_FRAMES = 14;

  private static final int M2P_SLOT = 256;
  private static final int DESCRIPTOR_SLOT = 260;
  private static final int FRAMES_PER_TABLE = 16;
  private static final long LINK = PageEntry.P | PageEntry.RW | PageEntry.A | PageEntry.D;
  private static final long GUEST_READS = PageEntry.P | PageEntry.US | PageEntry.A | PageEntry.XD;
  private static final long PROCESSOR_READS = PageEntry.P | PageEntry.A | PageEntry.XD;
  private static final long NOBODYS = -1;

  private final FramePool pool;
  private final List<Long> own = new ArrayList<>();
  private final FrameTable frames;
  private final long[] slots =
      new long[TableValidator.LAST_MONITOR_SLOT - TableValidator.FIRST_MONITOR_SLOT + 1];
  private final long[] m2pFrames;

  /** Where the guest's table has the entry for each page of the machine-to-physical table. */
  private final long[] m2pEntries;

  private long nobodys;
  private final long flatDescriptors;
  private final long descriptorTables;

  /**
   * Builds the area.
   *
   * @throws OutOfFramesException if the pool has no frames for it
   */
  MonitorArea(FramePool pool, FrameTable frames, int cpus) {
    this.pool = pool;
    this.frames = frames;
    m2pFrames = new long[(int) (frames.lastMfn() / FramePool.RUN_FRAMES) + 1];
    m2pEntries = new long[m2pFrames.length];
    try {
      buildM2p();
      flatDescriptors = frame();
      descriptorTables = frame();
      buildDescriptors(cpus);
    } catch (OutOfFramesException e) {
      close();
      throw e;
    }
  }

  private long frame() {
    long mfn = pool.allocate();
    if (mfn == FramePool.NONE) {
      throw new OutOfFramesException();
    }
    own.add(mfn);
    return mfn << FramePool.FRAME_SHIFT;
  }

  private void buildM2p() {
    nobodys = frame();
    for (int i = 0; i < TableValidator.ENTRIES; i++) {
      MachineMemory.write64(nobodys + i * 8L, NOBODYS);
    }
    long level3 = frame();
    slots[M2P_SLOT - TableValidator.FIRST_MONITOR_SLOT] = level3 | LINK | PageEntry.US;
    long level2 = 0;
    long level1 = 0;
    for (int page = 0; page < m2pFrames.length; page++) {
      if (page % (512 * 512) == 0) {
        level2 = frame();
        MachineMemory.write64(level3 + page / (512 * 512) * 8L, level2 | LINK | PageEntry.US);
      }
      if (page % 512 == 0) {
        level1 = frame();
        MachineMemory.write64(level2 + page / 512 % 512 * 8L, level1 | LINK | PageEntry.US);
      }
      m2pEntries[page] = level1 + page % 512 * 8L;
      m2pFrames[page] = nobodys;
      MachineMemory.write64(m2pEntries[page], nobodys | GUEST_READS);
      if (frames.hasRun((long) page * FramePool.RUN_FRAMES)) {
        ownPage(page);
      }
    }
  }

  private void ownPage(int page) {
    long hpa = frame();
    for (int i = 0; i < FramePool.RUN_FRAMES; i++) {
      long mfn = (long) page * FramePool.RUN_FRAMES + i;
      MachineMemory.write64(hpa + i * 8L, frames.pfn(mfn));
    }
    m2pFrames[page] = hpa;
    MachineMemory.write64(m2pEntries[page], hpa | GUEST_READS);
  }

  /**
   * Makes room for what the guest calls a frame that it has got.
   *
   * @return whether the table has another page now: translations of it must go
   * @throws OutOfFramesException if the pool has no frame for it
   */
  boolean got(long mfn) {
    int page = (int) (mfn / FramePool.RUN_FRAMES);
    if (m2pFrames[page] != nobodys) {
      return false;
    }
    ownPage(page);
    return true;
  }

  /** Nobody calls a frame anything any more. */
  void lost(long mfn) {
    write(mfn, NOBODYS);
  }

  private void buildDescriptors(int cpus) {
    MachineMemory.write64(flatDescriptors + 4 * 8, Descriptors.FLAT_CODE_32);
    MachineMemory.write64(flatDescriptors + 5 * 8, Descriptors.FLAT_DATA);
    MachineMemory.write64(flatDescriptors + 6 * 8, Descriptors.FLAT_CODE_64);
    long level3 = frame();
    long level2 = frame();
    slots[DESCRIPTOR_SLOT - TableValidator.FIRST_MONITOR_SLOT] = level3 | LINK;
    MachineMemory.write64(level3, level2 | LINK);
    MachineMemory.write64(level2, descriptorTables | LINK);
    for (int cpu = 0; cpu < cpus; cpu++) {
      descriptorFrame(cpu, GUEST_GDT_FRAMES, flatDescriptors >>> FramePool.FRAME_SHIFT);
    }
  }

  /** What the monitor's slots of a top table hold. */
  long[] slots() {
    return slots;
  }

  /** Linear address of a vCPU's GDT; its LDT is {@link #TABLE_BYTES} behind it. */
  static long gdt(int cpu) {
    return DESCRIPTORS + cpu * 2 * TABLE_BYTES;
  }

  /**
   * Puts a frame of descriptors into a vCPU's tables: 0 to 15 the GDT, 16 to 31 the LDT.
   *
   * @param mfn its machine frame, 0 to take it out
   */
  void descriptorFrame(int cpu, int place, long mfn) {
    long hpa = descriptorTables + (cpu * 2L * FRAMES_PER_TABLE + place) * 8;
    long entry = mfn == 0 ? 0 : mfn << FramePool.FRAME_SHIFT | PROCESSOR_READS;
    MachineMemory.write64(hpa, entry);
  }

  /** Changes what the guest calls one of its frames. */
  void m2p(long mfn, long pfn) {
    frames.owned(mfn);
    write(mfn, pfn);
  }

  private void write(long mfn, long pfn) {
    long page = m2pFrames[(int) (mfn / FramePool.RUN_FRAMES)];
    MachineMemory.write64(page + mfn % FramePool.RUN_FRAMES * 8, pfn);
  }

  /** Gives the frames back. No vCPU runs any more. */
  void close() {
    own.forEach(pool::free);
    own.clear();
  }
}
