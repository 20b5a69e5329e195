package dev.ringzero.kvm;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.ringzero.memory.ContiguousMemory;
import dev.ringzero.memory.MachineMemory;
import dev.ringzero.memory.RamRange;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.LongConsumer;

/** RAM as KVM knows it, a slot a range, and the log of pages that are written. */
final class MemorySlots {
  private static final int KVM_MEM_LOG_DIRTY_PAGES = 1;
  private static final int PAGE_SHIFT = 12;

  private final KvmFile machine;
  private final ContiguousMemory memory;
  private boolean logging;

  MemorySlots(KvmFile machine, ContiguousMemory memory) {
    this.machine = machine;
    this.memory = memory;
    give(0);
  }

  private void give(int flags) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment region = arena.allocate(KvmLayouts.KVM_USERSPACE_MEMORY_REGION);
      int slot = 0;
      for (RamRange range : memory.ramRanges()) {
        region.set(JAVA_INT, 0, slot++);
        region.set(JAVA_INT, region("flags"), flags);
        region.set(JAVA_LONG, region("guest_phys_addr"), range.gpa());
        region.set(JAVA_LONG, region("memory_size"), range.lengthBytes());
        long address = MachineMemory.hostAddress(memory.hpa(range.gpa()));
        region.set(JAVA_LONG, region("userspace_addr"), address);
        machine.call(Ioctl.KVM_SET_USER_MEMORY_REGION, region);
      }
    }
  }

  private static long region(String name) {
    return KvmLayouts.offset(KvmLayouts.KVM_USERSPACE_MEMORY_REGION, name);
  }

  void logWrites(boolean on) {
    memory.logWrites(on);
    give(on ? KVM_MEM_LOG_DIRTY_PAGES : 0);
    logging = on;
  }

  /** Tells each page that processors and devices have written since the last call. */
  void forEachWritten(LongConsumer pageGpa) {
    if (!logging) {
      return;
    }
    memory.forEachWritten(pageGpa);
    List<RamRange> ranges = memory.ramRanges();
    for (int slot = 0; slot < ranges.size(); slot++) {
      fetch(slot, ranges.get(slot), pageGpa);
    }
  }

  private void fetch(int slot, RamRange range, LongConsumer pageGpa) {
    long words = (range.lengthBytes() >>> PAGE_SHIFT) + 63 >>> 6;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bitmap = arena.allocate(JAVA_LONG, words);
      MemorySegment log = arena.allocate(KvmLayouts.KVM_DIRTY_LOG);
      log.set(JAVA_INT, 0, slot);
      long address = KvmLayouts.offset(KvmLayouts.KVM_DIRTY_LOG, KvmLayouts.UNION, "dirty_bitmap");
      log.set(JAVA_LONG, address, bitmap.address());
      machine.call(Ioctl.KVM_GET_DIRTY_LOG, log);
      for (long word = 0; word < words; word++) {
        long found = bitmap.getAtIndex(JAVA_LONG, word);
        for (; found != 0; found &= found - 1) {
          long page = word * 64 + Long.numberOfTrailingZeros(found);
          pageGpa.accept(range.gpa() + (page << PAGE_SHIFT));
        }
      }
    }
  }
}
