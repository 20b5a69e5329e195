package dev.ringzero.cpu.vmx;

import dev.ringzero.memory.GuestMemory;
import dev.ringzero.x86.ExitReason;
import dev.ringzero.x86.vmx.ProcessorControls;
import dev.ringzero.x86.vmx.SecondaryControls;
import dev.ringzero.x86.vmx.VmcsField;

/**
 * The virtual-APIC page of a guest, and the interrupts that are delivered from it.
 *
 * @spec Intel SDM Vol. 3C, "APIC Virtualization and Virtual Interrupts"
 */
final class VirtualApic {
  // Offsets in the page.
  static final int TPR = 0x80; // Task Priority
  static final int PPR = 0xA0; // Processor Priority
  private static final int ISR = 0x100; // In-Service, eight words 16 bytes apart
  private static final int IRR = 0x200; // Interrupt Request, likewise

  private static final int VECTORS = 256;

  // The posted-interrupt descriptor.
  private static final int POSTED_WORDS = 4; // 64 bits each
  private static final int OUTSTANDING = 32; // offset of the word with ON, bit 0

  private final VmxLevel level;

  VirtualApic(VmxLevel level) {
    this.level = level;
  }

  private GuestMemory memory() {
    return level.vmx.memory();
  }

  private long page() {
    return level.vmx.vmcs.get(VmcsField.VIRTUAL_APIC_ADDRESS);
  }

  private boolean delivers() {
    return level.secondary(SecondaryControls.VIRTUAL_INTERRUPT_DELIVERY);
  }

  /** Eight bytes of the page. */
  long read64(int offset) {
    return memory().read64(page() + offset);
  }

  private int read8(int offset) {
    return (int) memory().read8(page() + offset);
  }

  int read32(int offset) {
    return (int) memory().read32(page() + offset);
  }

  /** Some bytes of the register at a multiple of 16. */
  long read(int offset, int sizeBytes) {
    long register = memory().read32(page() + (offset & ~3)) & 0xFFFF_FFFFL;
    return register >>> 8 * (offset & 3) & (1L << 8 * sizeBytes) - 1;
  }

  void write(int offset, int sizeBytes, long value) {
    int shift = 8 * (offset & 3);
    long mask = (1L << 8 * sizeBytes) - 1 << shift;
    write32(offset & ~3, read32(offset & ~3) & ~mask | value << shift & mask);
  }

  void write32(int offset, long value) {
    memory().write32(page() + offset, value);
  }

  // RVI and SVI.

  private int requested() {
    return level.vmx.vmcs.get32(VmcsField.GUEST_INTERRUPT_STATUS) & 0xFF;
  }

  private int inService() {
    return level.vmx.vmcs.get32(VmcsField.GUEST_INTERRUPT_STATUS) >>> 8 & 0xFF;
  }

  private void status(int requested, int inService) {
    level.vmx.vmcs.set32(VmcsField.GUEST_INTERRUPT_STATUS, requested | inService << 8);
  }

  // Priorities.

  /** VTPR. */
  int taskPriority() {
    return read8(TPR);
  }

  /** An instruction writes VTPR. */
  void taskPriority(int value) {
    write32(TPR, value);
    if (delivers()) {
      updatePriority();
    } else {
      checkThreshold(value);
    }
  }

  private void checkThreshold(int priority) {
    if (priority >>> 4 < (level.vmx.vmcs.get32(VmcsField.TPR_THRESHOLD) & 15)) {
      level.events.trap(ExitReason.TPR_BELOW_THRESHOLD, 0);
    }
  }

  /** PPR virtualization. */
  private void updatePriority() {
    int task = taskPriority();
    int service = inService();
    write32(PPR, task >>> 4 >= service >>> 4 ? task : service & 0xF0);
  }

  /** Whether a virtual interrupt has priority over what the guest does. */
  boolean recognized() {
    return delivers() && requested() >>> 4 > read8(PPR) >>> 4;
  }

  /** The guest is entered. */
  void begin() {
    if (delivers()) {
      updatePriority();
    } else if (level.secondary(SecondaryControls.VIRTUALIZE_APIC_ACCESSES)
        && level.processor(ProcessorControls.TPR_SHADOW)) {
      checkThreshold(taskPriority());
    }
  }

  // Virtual interrupts.

  /** Takes the virtual interrupt of highest priority into service. */
  int acknowledge() {
    int vector = requested();
    setBit(ISR, vector, true);
    setBit(IRR, vector, false);
    write32(PPR, vector & 0xF0);
    status(highest(IRR), vector);
    return vector;
  }

  /** EOI virtualization. */
  void endOfInterrupt() {
    int vector = inService();
    setBit(ISR, vector, false);
    status(requested(), highest(ISR));
    updatePriority();
    long bitmap = level.vmx.vmcs.get(VmcsField.EOI_EXIT_BITMAP_0 + 2 * (vector >>> 6));
    if ((bitmap >>> vector & 1) != 0) {
      level.events.trap(ExitReason.VIRTUALIZED_EOI, vector);
    }
  }

  /** Self-IPI virtualization. */
  void selfInterrupt(int vector) {
    setBit(IRR, vector, true);
    status(Math.max(requested(), vector), inService());
  }

  /** Takes over what others have posted into the descriptor. */
  void takePosted() {
    long descriptor = level.vmx.vmcs.get(VmcsField.POSTED_INTERRUPT_DESCRIPTOR);
    exchange(descriptor + OUTSTANDING, ~1L);
    int highest = requested();
    for (int word = 0; word < POSTED_WORDS; word++) {
      long posted = exchange(descriptor + 8L * word, 0);
      for (long left = posted; left != 0; left &= left - 1) {
        int vector = 64 * word + Long.numberOfTrailingZeros(left);
        setBit(IRR, vector, true);
        highest = Math.max(highest, vector);
      }
    }
    status(highest, inService());
  }

  /** Clears the bits that are not in a mask, atomically; returns what was there. */
  private long exchange(long gpa, long mask) {
    while (true) {
      long old = memory().read64(gpa);
      if ((old & ~mask) == 0 || level.vmx.replace64(gpa, old, old & mask)) {
        return old;
      }
    }
  }

  private void setBit(int set, int vector, boolean value) {
    long at = page() + set + (vector >>> 5) * 16L;
    long bit = 1L << (vector & 31);
    long old = memory().read32(at);
    memory().write32(at, value ? old | bit : old & ~bit);
  }

  private int highest(int set) {
    for (int word = VECTORS / 32 - 1; word >= 0; word--) {
      int bits = (int) memory().read32(page() + set + word * 16L);
      if (bits != 0) {
        return word * 32 + 31 - Integer.numberOfLeadingZeros(bits);
      }
    }
    return 0;
  }
}
