package dev.ringzero.vmm.xen;

import dev.ringzero.memory.FramePool;
import dev.ringzero.memory.MachineMemory;
import dev.ringzero.vmm.xen.FrameTable.Type;
import java.util.Arrays;

/**
 * The hypercalls that change address spaces. Under the lock of the {@link XenDomain}.
 *
 * @spec Xen public/xen.h, "HYPERVISOR_mmu_update", "HYPERVISOR_mmuext_op"
 */
final class MmuCalls {
  private static final int UPDATE_BYTES = 16;
  private static final int EXTENDED_BYTES = 24;
  private static final int COMMAND = 3;
  private static final int NORMAL = 0;
  private static final int MACHPHYS = 1;
  private static final int PRESERVE_AD = 2;

  private static final int FLUSH_TYPE = 3;
  private static final int FLUSH_TLB = 1;
  private static final int FLUSH_PAGE = 2;
  static final long FLUSH_OTHERS = ~3L;
  private static final int LDT_PLACE = 16;
  private static final int MOST_LDT_FRAMES = 16;

  private final XenDomain domain;
  private long updates;
  private long flushes;

  MmuCalls(XenDomain domain) {
    this.domain = domain;
  }

  /** Entries of page tables changed so far. */
  long updates() {
    return updates;
  }

  /** Times that the guest asked for translations to be dropped. */
  long flushes() {
    return flushes;
  }

  private static void requireSelf(int who) {
    if ((who & 0xFFFF) != XenDomain.SELF && (who & 0xFFFF) != XenDomain.GUEST) {
      throw XenError.PERMISSION;
    }
  }

  long update(XenVcpu vcpu, long requests, int count, long done, int who) {
    requireSelf(who);
    int finished = 0;
    try {
      for (; finished < count; finished++) {
        domain.endIfAsked();
        long request = requests + (long) finished * UPDATE_BYTES;
        update(vcpu.memory.read64(request), vcpu.memory.read64(request + 8));
      }
      return 0;
    } finally {
      if (done != 0) {
        vcpu.memory.write32(done, finished);
      }
    }
  }

  private void update(long pointer, long value) {
    long mfn = pointer >>> FramePool.FRAME_SHIFT;
    switch ((int) pointer & COMMAND) {
      case NORMAL -> write(mfn, pointer & ~3L, value, false);
      case PRESERVE_AD -> write(mfn, pointer & ~3L, value, true);
      case MACHPHYS -> domain.area.m2p(mfn, value);
      default -> throw XenError.NO_SYSTEM_CALL;
    }
  }

  private void write(long mfn, long hpa, long value, boolean keepUsed) {
    if ((hpa & 7) != 0) {
      throw XenError.INVALID;
    }
    Type type = domain.frames.type(mfn);
    if (type.level() > 0 && domain.frames.isUsedAs(mfn, type)) {
      updates++;
      domain.tables.change(hpa, value, keepUsed);
      return;
    }
    writePlain(mfn, hpa, value);
  }

  /** Writes to a frame that is used as nothing else. */
  private void writePlain(long mfn, long hpa, long value) {
    domain.tables.take(mfn, Type.WRITABLE);
    MachineMemory.write64(hpa, value);
    domain.tables.give(mfn, Type.WRITABLE);
  }

  long updateVaMapping(XenVcpu vcpu, long linear, long value, long flags) {
    long entryHpa = vcpu.memory.entryHpa(linear);
    updates++;
    domain.tables.change(entryHpa, value, false);
    int type = (int) flags & FLUSH_TYPE;
    if (type == 0) {
      return 0;
    }
    flushes++;
    if ((flags & FLUSH_OTHERS) != 0) {
      flushOthers(vcpu);
    }
    if (type == FLUSH_PAGE) {
      vcpu.translations.invalidate(linear);
    } else if (type == FLUSH_TLB) {
      vcpu.translations.flush();
    }
    return 0;
  }

  long extended(XenVcpu vcpu, long operations, int count, long done, int who) {
    requireSelf(who);
    int finished = 0;
    try {
      for (; finished < count; finished++) {
        domain.endIfAsked();
        long operation = operations + (long) finished * EXTENDED_BYTES;
        extended(
            vcpu,
            vcpu.memory.read32(operation),
            vcpu.memory.read64(operation + 8),
            vcpu.memory.read32(operation + 16));
      }
      return 0;
    } finally {
      if (done != 0) {
        vcpu.memory.write32(done, finished);
      }
    }
  }

  private void extended(XenVcpu vcpu, int command, long argument, int entries) {
    switch (command) {
      case 0, 1, 2, 3 -> pin(argument, Type.table(command + 1));
      case 4 -> unpin(argument);
      case 5 -> vcpu.switchKernelTable(argument);
      case 15 -> vcpu.switchUserTable(argument);
      case 6 -> {
        flushes++;
        vcpu.translations.flush();
      }
      case 7 -> {
        flushes++;
        vcpu.translations.invalidate(argument);
      }
      case 8, 10 -> {
        flushes++;
        flushOthers(vcpu);
        vcpu.translations.flush();
      }
      case 9, 11 -> {
        flushes++;
        flushOthers(vcpu);
        vcpu.translations.invalidate(argument);
      }
      case 12 -> {} // caches are coherent
      case 13 -> setLdt(vcpu, argument, entries);
      default -> throw XenError.NO_SYSTEM_CALL;
    }
  }

  private void flushOthers(XenVcpu caller) {
    for (XenVcpu vcpu : domain.vcpus) {
      if (vcpu != caller && vcpu.online && vcpu.translations.hasChanged()) {
        domain.flushAll();
        return;
      }
    }
  }

  private void pin(long mfn, Type type) {
    if (domain.frames.isPinned(mfn)) {
      throw XenError.INVALID;
    }
    domain.tables.take(mfn, type);
    domain.frames.pin(mfn, true);
  }

  private void unpin(long mfn) {
    if (!domain.frames.isPinned(mfn)) {
      throw XenError.INVALID;
    }
    domain.frames.pin(mfn, false);
    domain.tables.give(mfn, domain.frames.type(mfn));
  }

  long setGdt(XenVcpu vcpu, long list, int entries) {
    if (entries < 0 || entries > MonitorArea.GUEST_GDT_FRAMES * 512) {
      throw XenError.INVALID;
    }
    long[] frames = new long[(entries + 511) / 512];
    for (int i = 0; i < frames.length; i++) {
      frames[i] = vcpu.memory.read64(list + i * 8L);
    }
    setGdtFrames(vcpu, frames, entries);
    return 0;
  }

  /** Makes these frames a vCPU's GDT. */
  void setGdtFrames(XenVcpu vcpu, long[] frames, int entries) {
    takeDescriptors(frames);
    long[] before = vcpu.gdtFrames;
    vcpu.gdtFrames = frames;
    vcpu.gdtEntries = entries;
    for (int place = 0; place < MonitorArea.GUEST_GDT_FRAMES; place++) {
      domain.area.descriptorFrame(vcpu.id, place, place < frames.length ? frames[place] : 0);
    }
    giveDescriptors(before);
    vcpu.cpu.flushTranslations();
  }

  private void takeDescriptors(long[] frames) {
    int taken = 0;
    try {
      for (; taken < frames.length; taken++) {
        domain.tables.take(frames[taken], Type.DESCRIPTORS);
      }
    } catch (XenError e) {
      giveDescriptors(Arrays.copyOf(frames, taken));
      throw e;
    }
  }

  private void giveDescriptors(long[] frames) {
    for (long mfn : frames) {
      domain.tables.give(mfn, Type.DESCRIPTORS);
    }
  }

  private void setLdt(XenVcpu vcpu, long linear, int entries) {
    if (entries < 0 || entries > 8192 || (linear & FramePool.FRAME_BYTES - 1) != 0) {
      throw XenError.INVALID;
    }
    long[] frames = new long[(entries + 511) / 512];
    for (int i = 0; i < frames.length; i++) {
      frames[i] =
          vcpu.memory.hpa(linear + i * (long) FramePool.FRAME_BYTES, false)
              >>> FramePool.FRAME_SHIFT;
    }
    takeDescriptors(frames);
    long[] before = vcpu.ldtFrames;
    vcpu.ldtFrames = frames;
    vcpu.ldt(entries);
    for (int place = 0; place < MOST_LDT_FRAMES; place++) {
      long mfn = place < frames.length ? frames[place] : 0;
      domain.area.descriptorFrame(vcpu.id, LDT_PLACE + place, mfn);
    }
    giveDescriptors(before);
    vcpu.cpu.flushTranslations();
  }

  long updateDescriptor(long hpa, long descriptor) {
    long mfn = hpa >>> FramePool.FRAME_SHIFT;
    if ((hpa & 7) != 0) {
      throw XenError.INVALID;
    }
    long checked = Descriptors.checked(descriptor);
    if (domain.frames.isUsedAs(mfn, Type.DESCRIPTORS)) {
      MachineMemory.write64(hpa, checked);
      return 0;
    }
    writePlain(mfn, hpa, checked);
    return 0;
  }
}
