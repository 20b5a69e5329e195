package dev.ringzero.kvm;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.ringzero.memory.ContiguousMemory;
import dev.ringzero.memory.MachineMemory;
import dev.ringzero.memory.RamRange;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;

/**
 * RAM as KVM knows it, a slot a range, and the log of pages that are written; behind these, memory
 * of devices.
 */
final class MemorySlots {
  private static final int KVM_MEM_LOG_DIRTY_PAGES = 1;
  private static final int PAGE_SHIFT = 12;

  private final KvmFile machine;
  private final ContiguousMemory memory;
  private final Map<Long, DeviceSlot> devices = new HashMap<>();
  private boolean logging;

  private record DeviceSlot(int number, long lengthBytes, long hostAddress) {}

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
        long address = MachineMemory.hostAddress(memory.hpa(range.gpa()));
        fill(region, slot++, flags, range.gpa(), range.lengthBytes(), address);
        machine.call(Ioctl.KVM_SET_USER_MEMORY_REGION, region);
      }
    }
  }

  private static void fill(
      MemorySegment region, int slot, int flags, long gpa, long lengthBytes, long hostAddress) {
    region.set(JAVA_INT, 0, slot);
    region.set(JAVA_INT, region("flags"), flags);
    region.set(JAVA_LONG, region("guest_phys_addr"), gpa);
    region.set(JAVA_LONG, region("memory_size"), lengthBytes);
    region.set(JAVA_LONG, region("userspace_addr"), hostAddress);
  }

  /**
   * Lets the guest reach memory of a device without an exit.
   *
   * @return false if KVM does not, as where RAM is already
   */
  synchronized boolean addDevice(long gpa, long lengthBytes, long hostAddress) {
    int number = memory.ramRanges().size();
    while (isTaken(number)) {
      number++;
    }
    DeviceSlot slot = new DeviceSlot(number, lengthBytes, hostAddress);
    if (devices.containsKey(gpa) || !give(slot, gpa, lengthBytes)) {
      return false;
    }
    devices.put(gpa, slot);
    return true;
  }

  private boolean isTaken(int number) {
    return devices.values().stream().anyMatch(slot -> slot.number == number);
  }

  /** Takes memory of a device away; does nothing if there is none at that address. */
  synchronized void removeDevice(long gpa) {
    DeviceSlot slot = devices.remove(gpa);
    if (slot != null) {
      give(slot, gpa, 0);
    }
  }

  private boolean give(DeviceSlot slot, long gpa, long lengthBytes) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment region = arena.allocate(KvmLayouts.KVM_USERSPACE_MEMORY_REGION);
      fill(region, slot.number, 0, gpa, lengthBytes, slot.hostAddress);
      long argument = region.address();
      MemorySegment state = HostCalls.newCallState();
      return machine.attempt(Ioctl.KVM_SET_USER_MEMORY_REGION, argument, state) >= 0;
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
