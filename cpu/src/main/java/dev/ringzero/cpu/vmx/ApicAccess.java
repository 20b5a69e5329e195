package dev.ringzero.cpu.vmx;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.level.LevelExit;
import dev.ringzero.cpu.level.LevelRestart;
import dev.ringzero.x86.ExitReason;
import dev.ringzero.x86.vmx.ProcessorControls;
import dev.ringzero.x86.vmx.SecondaryControls;
import dev.ringzero.x86.vmx.VmcsField;

/**
 * A guest's accesses to the APIC-access page: on the virtual-APIC page where the controls
 * virtualize the register, else VM exits. What a write does besides takes effect behind its
 * instruction.
 *
 * <p>Not modelled: guest paging structures on the page are read and marked as any others.
 *
 * @spec Intel SDM Vol. 3C, "Virtualizing Memory-Mapped APIC Accesses"
 */
final class ApicAccess {
  private static final long PAGE = -4096L;

  // Types of access, from bit 12 of the exit qualification on.
  private static final long READ = 0L << 12;
  private static final long WRITE = 1L << 12;
  private static final long FETCH = 2L << 12;
  private static final long EVENT_DELIVERY = 3L << 12;

  // Offsets of registers.
  private static final int EOI = 0xB0;
  private static final int ICR_LOW = 0x300;
  private static final int ICR_HIGH = 0x310;

  /** Offsets divided by 16, a bit each. */
  private static final long READABLE = readable(), WRITABLE = writable();

  private static final long READABLE_ALWAYS = registers(VirtualApic.TPR);
  private static final long WRITABLE_FOR_DELIVERY = registers(VirtualApic.TPR, EOI, ICR_LOW);

  /** Bits of ICR_LOW that a self-IPI has clear: reserved ones, status, trigger, delivery mode. */
  private static final int ICR_NOT_SELF = 0xFFF3_B700;

  private static final int ICR_SHORTHAND = 3 << 18;
  private static final int ICR_SHORTHAND_SELF = 1 << 18;

  private final Cpu cpu;
  private final VmxLevel level;
  private long page;
  private boolean virtualizes;

  /** The next instruction writes to the page, and runs alone. */
  private boolean alone;

  ApicAccess(Cpu cpu, VmxLevel level) {
    this.cpu = cpu;
    this.level = level;
  }

  private static long registers(int... offsets) {
    long bits = 0;
    for (int offset : offsets) {
      bits |= 1L << (offset >>> 4);
    }
    return bits;
  }

  private static long readable() {
    long sets = (1L << 0x28) - (1L << 0x10); // ISR, TMR, IRR
    return writable() | sets | registers(0x30);
  }

  private static long writable() {
    long local = registers(0x320, 0x330, 0x340, 0x350, 0x360, 0x370); // LVT
    return local
        | registers(0x20, VirtualApic.TPR, EOI, 0xD0, 0xE0, 0xF0)
        | registers(0x280, ICR_LOW, ICR_HIGH, 0x380, 0x3E0);
  }

  /** The guest is entered. */
  void begin() {
    alone = false;
    virtualizes = level.secondary(SecondaryControls.VIRTUALIZE_APIC_ACCESSES);
    page = level.vmx.vmcs.get(VmcsField.APIC_ACCESS_ADDRESS) & PAGE;
  }

  /** The page as a number that tells whether translations of before still hold. */
  long key() {
    return virtualizes ? page | 1 : 0;
  }

  /** Whether the monitor's physical address is on the page. */
  boolean covers(long gpa) {
    return virtualizes && (gpa & PAGE) == page;
  }

  /** Whether the next instruction must run alone. */
  boolean alone() {
    return alone;
  }

  private boolean shadows() {
    return level.processor(ProcessorControls.TPR_SHADOW);
  }

  private boolean delivers() {
    return level.secondary(SecondaryControls.VIRTUAL_INTERRUPT_DELIVERY);
  }

  private boolean allRegisters() {
    return level.secondary(SecondaryControls.APIC_REGISTER_VIRTUALIZATION);
  }

  /** Whether an access can be to one register. */
  private static boolean fits(long gpa, int sizeBytes) {
    return (gpa & 15) + sizeBytes <= 4;
  }

  private static boolean contains(long registers, int offset) {
    return offset < 0x400 && (registers >>> (offset >>> 4) & 1) != 0;
  }

  long read(long gpa, int sizeBytes) {
    int offset = (int) (gpa & ~PAGE);
    long registers = allRegisters() ? READABLE : READABLE_ALWAYS;
    if (!shadows() || !fits(gpa, sizeBytes) || !contains(registers, offset)) {
      throw exit(gpa, READ);
    }
    return level.virtualApic.read(offset, sizeBytes);
  }

  void write(long gpa, int sizeBytes, long value) {
    int offset = (int) (gpa & ~PAGE);
    long registers =
        allRegisters() ? WRITABLE : delivers() ? WRITABLE_FOR_DELIVERY : READABLE_ALWAYS;
    if (!shadows() || !fits(gpa, sizeBytes) || !contains(registers, offset)) {
      throw exit(gpa, WRITE);
    }
    if (!alone) {
      alone = true;
      throw LevelRestart.SIGNAL;
    }
    alone = false;
    level.virtualApic.write(offset, sizeBytes, value);
    written(offset & ~15);
  }

  LevelExit fetch(long gpa) {
    return exit(gpa, FETCH);
  }

  private LevelExit exit(long gpa, long type) {
    return level.exits.exit(ExitReason.APIC_ACCESS, gpa & ~PAGE | type, 0);
  }

  /** What the exit tells more, once the processor has stopped before the instruction. */
  void complete() {
    if (level.exits.reason != ExitReason.APIC_ACCESS) {
      return;
    }
    if (cpu.system.pendingKind != null) {
      level.exits.qualification = level.exits.qualification & ~PAGE | EVENT_DELIVERY;
    } else {
      level.exits.instructionLength = InstructionInformation.length(cpu);
    }
  }

  /** APIC-write emulation. */
  private void written(int register) {
    VirtualApic apic = level.virtualApic;
    int value = apic.read32(register);
    switch (register) {
      case VirtualApic.TPR -> {
        apic.write32(register, value & 0xFF);
        apic.taskPriority(value & 0xFF);
      }
      case EOI -> endOfInterrupt();
      case ICR_LOW -> command(value);
      case ICR_HIGH -> apic.write32(register, value & 0xFF00_0000L);
      default -> exitBehind(register);
    }
  }

  private void endOfInterrupt() {
    if (delivers()) {
      level.virtualApic.write32(EOI, 0);
      level.virtualApic.endOfInterrupt();
    } else {
      exitBehind(EOI);
    }
  }

  private void command(int value) {
    int vector = value & 0xFF;
    boolean self =
        (value & ICR_NOT_SELF) == 0
            && (value & ICR_SHORTHAND) == ICR_SHORTHAND_SELF
            && vector >= 16;
    if (delivers() && self) {
      level.virtualApic.selfInterrupt(vector);
    } else {
      exitBehind(ICR_LOW);
    }
  }

  private void exitBehind(int register) {
    level.events.trap(ExitReason.APIC_WRITE, register);
  }
}
