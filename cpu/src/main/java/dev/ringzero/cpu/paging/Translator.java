package dev.ringzero.cpu.paging;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.ExitSignal;
import dev.ringzero.cpu.level.Level.NestedFaultPlace;
import dev.ringzero.cpu.system.DebugUnit;
import dev.ringzero.memory.FrameMemory;
import dev.ringzero.memory.FramePool;
import dev.ringzero.memory.MachineMemory;
import dev.ringzero.x86.Ept;
import dev.ringzero.x86.ExitReason;
import dev.ringzero.x86.InterruptionInformation;
import dev.ringzero.x86.Vector;

/**
 * What happens when an access misses the first level of the TLB: its second level, then the page
 * walk, then a page fault or a VM exit. Also the accesses to pages that always come here: devices,
 * and code that is written.
 */
final class Translator {
  /** Set in what {@link #translate} returns for a device: the other bits are the gpa. */
  static final long DEVICE = 1L << 62;

  private static final long OFFSET = 4095;

  private final Cpu cpu;
  private final Tlb tlb;
  private final PageWalker walker;
  private final SecondLevel secondLevel;
  private final MonitorTables monitorTables = new MonitorTables();
  private FrameMemory memory;

  /** Whose tables are walked. */
  private enum Tables {
    /** The guest's, and the second-level table. */
    GUEST,
    /** The monitor's own. */
    MONITOR,
    /** The guest's, which hold machine addresses. */
    DIRECT
  }

  private Tables tables = Tables.GUEST;

  private long misses;
  private TranslationCheck check;
  private boolean aligned;

  Translator(Cpu cpu, Tlb tlb, PageWalker walker, SecondLevel secondLevel) {
    this.cpu = cpu;
    this.tlb = tlb;
    this.walker = walker;
    this.secondLevel = secondLevel;
  }

  void attach(FrameMemory guestMemory) {
    memory = guestMemory;
    secondLevel.attach(guestMemory);
  }

  long misses() {
    return misses;
  }

  /**
   * Machine address for an access, see {@link Access}; for a device its gpa with {@link #DEVICE}.
   *
   * @throws dev.ringzero.cpu.GuestFault a page fault
   * @throws dev.ringzero.cpu.ExitSignal an EPT violation or misconfiguration
   */
  long translate(long linear, int privilege, int access) {
    long page = linear & FirstLevelTlb.PAGE;
    long data = tlb.find(page);
    if (data == Tlb.NOTHING || (data & Access.right(privilege, access)) == 0) {
      data = walk(linear, privilege, access);
    }
    if ((data & Tlb.DEVICE) != 0) {
      return deviceAddress(data & FirstLevelTlb.PAGE | linear & OFFSET, linear, access);
    }
    boolean watched = (memory.pool().flags(data >>> 12) & FramePool.WATCHED) != 0;
    int rights = (int) data & (watched ? ~Access.ALL_WRITE : Access.ALL_RIGHTS);
    if (DebugUnit.watches(cpu, page)) {
      rights &= Access.ALL_EXECUTE;
    }
    tlb.insertFirst(privilege, page, data & FirstLevelTlb.PAGE, rights & Access.ALL_RIGHTS);
    return data & FirstLevelTlb.PAGE | linear & OFFSET;
  }

  /** As {@link #translate}, and tells more; false for a device. */
  boolean locate(long linear, int privilege, int access, PageTranslation result) {
    long address = translate(linear, privilege, access);
    if ((address & DEVICE) != 0) {
      return false;
    }
    long page = linear & FirstLevelTlb.PAGE;
    long data = tlb.find(page);
    boolean watched = (memory.pool().flags(data >>> 12) & FramePool.WATCHED) != 0;
    result.hpaPage = address & FirstLevelTlb.PAGE;
    result.readable = (data & Access.right(privilege, Access.READ)) != 0;
    result.writable = !watched && (data & Access.right(privilege, Access.WRITE)) != 0;
    result.global = tlb.isGlobal(page);
    return true;
  }

  // --- the monitor's own tables

  /** Walks the monitor's tables from now on; 0 if the monitor must give a new one first. */
  void monitorRoot(long hpa) {
    tables = Tables.MONITOR;
    monitorTables.root(hpa, false);
  }

  boolean monitored() {
    return tables == Tables.MONITOR;
  }

  /** Walks a guest's own tables, which hold machine addresses, from now on. */
  void directRoot(long hpa) {
    tables = Tables.DIRECT;
    monitorTables.root(hpa, true);
  }

  boolean direct() {
    return tables == Tables.DIRECT;
  }

  private long walkMonitorTables(long linear, int privilege, int access) {
    if (!monitorTables.hasRoot()) {
      throw exit(ExitReason.CR_ACCESS, 0, 0, linear);
    }
    monitorTables.controls(cpu.cr4);
    if (!monitorTables.walk(linear, privilege, access)) {
      cpu.exit.interruptionInformation = InterruptionInformation.exception(Vector.PF, true);
      cpu.exit.interruptionErrorCode = monitorTables.errorCode;
      throw exit(ExitReason.EXCEPTION_OR_NMI, linear, 0, linear);
    }
    long data = monitorTables.data;
    if ((data & Tlb.DEVICE) == 0) {
      memory.markTouched(data >>> FramePool.FRAME_SHIFT);
    }
    tlb.insert(linear & FirstLevelTlb.PAGE, data, monitorTables.global, monitorTables.sizeShift);
    return data;
  }

  private long walk(long linear, int privilege, int access) {
    misses++;
    if (check != null) {
      check.missed();
    }
    if (tables != Tables.GUEST) {
      return walkMonitorTables(linear, privilege, access);
    }
    PageWalker.Outcome outcome = walker.walk(linear, privilege, access);
    switch (outcome) {
      case MAPPED -> {}
      case FAULT -> throw pageFault(linear, walker.errorCode);
      case TABLE_VIOLATION, TABLE_MISCONFIGURATION, NESTED_FAULT ->
          throw tableExit(linear, outcome);
    }
    long data;
    switch (secondLevel.walk(walker.gpa, 1L << access)) {
      case SecondLevel.MAPPED -> data = virtualized(secondLevel.gpa) ? virtual() : mappedPage();
      case SecondLevel.MISCONFIGURATION ->
          throw exit(ExitReason.EPT_MISCONFIGURATION, 0, secondLevel.gpa, linear);
      case SecondLevel.NESTED_FAULT ->
          throw cpu.level.nestedFault(walker.gpa, linear, 1L << access, NestedFaultPlace.FINAL);
      default -> {
        long gpa = secondLevel.gpa;
        if (!virtualized(gpa) && !isDevice(gpa)) {
          throw violation(gpa, linear, access);
        }
        data = virtual();
      }
    }
    tlb.insert(linear & FirstLevelTlb.PAGE, data, walker.global, walker.sizeShift);
    return data;
  }

  /** Whether an inner guest's monitor has virtualized what is there. */
  private boolean virtualized(long gpa) {
    return cpu.level != null && cpu.level.virtualizes(gpa);
  }

  /** The page of the address found last, as one whose accesses all come here. */
  private long virtual() {
    return secondLevel.gpa & FirstLevelTlb.PAGE | deviceRights() | Tlb.DEVICE;
  }

  private long mappedPage() {
    int rights = allowed(secondLevel.rights, secondLevel.dirty);
    memory.markTouched(secondLevel.hpa >>> FramePool.FRAME_SHIFT);
    return secondLevel.hpa & FirstLevelTlb.PAGE | rights;
  }

  private int deviceRights() {
    NestedWalk nested = secondLevel.nested();
    return nested == null ? walker.rights : allowed(nested.rights, nested.dirty);
  }

  /** The rights of the guest's own tables, as far as a second level gives them too. */
  private int allowed(long secondRights, boolean dirty) {
    int rights = walker.rights;
    if (!dirty || (secondRights & Ept.WRITE) == 0) {
      rights &= ~Access.ALL_WRITE;
    }
    if ((secondRights & Ept.EXECUTE) == 0) {
      rights &= ~Access.ALL_EXECUTE;
    }
    if ((secondRights & Ept.READ) == 0) {
      rights &= Access.ALL_EXECUTE;
    }
    return rights;
  }

  private boolean isDevice(long gpa) {
    return secondLevel.rights == 0 && (!memory.isRam(gpa) || cpu.io.claims(gpa));
  }

  /** Devices cannot be executed from; what lies beside one in its page may be RAM. */
  private long deviceAddress(long gpa, long linear, int access) {
    if (virtualized(gpa)) {
      if (access == Access.EXECUTE) {
        throw cpu.level.fetchVirtual(gpa);
      }
      return gpa | DEVICE;
    }
    if (access == Access.EXECUTE || memory.isRam(gpa) && !cpu.io.claims(gpa)) {
      throw violation(gpa, linear, access);
    }
    return gpa | DEVICE;
  }

  private RuntimeException pageFault(long linear, int errorCode) {
    cpu.system.previousCr2 = cpu.cr2;
    cpu.cr2 = linear;
    return cpu.fault(Vector.PF, errorCode);
  }

  private RuntimeException violation(long gpa, long linear, int access) {
    long qualification =
        1L << access
            | secondLevel.rights << Ept.QUALIFICATION_RIGHTS_SHIFT
            | Ept.QUALIFICATION_LINEAR_VALID
            | Ept.QUALIFICATION_FINAL;
    return exit(ExitReason.EPT_VIOLATION, qualification, gpa, linear);
  }

  private RuntimeException tableExit(long linear, PageWalker.Outcome outcome) {
    if (outcome == PageWalker.Outcome.NESTED_FAULT) {
      long access =
          walker.markingFailed ? Ept.READ | Ept.WRITE : secondLevel.nested().tableAccess();
      return cpu.level.nestedFault(walker.gpa, linear, access, NestedFaultPlace.TABLE);
    }
    if (outcome == PageWalker.Outcome.TABLE_MISCONFIGURATION) {
      return exit(ExitReason.EPT_MISCONFIGURATION, 0, secondLevel.gpa, linear);
    }
    long qualification =
        secondLevel.tableAccess()
            | secondLevel.rights << Ept.QUALIFICATION_RIGHTS_SHIFT
            | Ept.QUALIFICATION_LINEAR_VALID;
    return exit(ExitReason.EPT_VIOLATION, qualification, secondLevel.gpa, linear);
  }

  /** Nested tables lie where this level has no frame yet. */
  RuntimeException missing(long gpa) {
    long qualification =
        secondLevel.tableAccess() | secondLevel.rights << Ept.QUALIFICATION_RIGHTS_SHIFT;
    return exit(ExitReason.EPT_VIOLATION, qualification, gpa, 0);
  }

  /**
   * Machine address of what the level outside all inner guests has at a gpa; -1 if no RAM is there.
   *
   * @throws dev.ringzero.cpu.ExitSignal if RAM there has no frame yet
   */
  long physical(long gpa, boolean write) {
    if (!memory.isRam(gpa)) {
      return -1;
    }
    int outcome = secondLevel.walkOuter(gpa, write ? Ept.READ | Ept.WRITE : Ept.READ);
    if (outcome == SecondLevel.MAPPED) {
      memory.markTouched(secondLevel.hpa >>> FramePool.FRAME_SHIFT);
      return secondLevel.hpa;
    }
    long qualification =
        (write ? Ept.QUALIFICATION_WRITE : Ept.QUALIFICATION_READ)
            | secondLevel.rights << Ept.QUALIFICATION_RIGHTS_SHIFT;
    throw exit(ExitReason.EPT_VIOLATION, qualification, gpa, 0);
  }

  private RuntimeException exit(ExitReason reason, long qualification, long gpa, long linear) {
    cpu.exit.gpa = gpa;
    cpu.exit.gva = linear;
    return cpu.exit(reason, qualification, 0);
  }

  /**
   * MOV to CR3 and kin under PAE paging.
   *
   * @throws dev.ringzero.cpu.GuestFault #GP(0) if an entry is malformed
   */
  void loadPdptes(long cr3) {
    PageWalker.Outcome outcome = walker.loadPdptes(cr3);
    switch (outcome) {
      case MAPPED -> {}
      case FAULT -> throw cpu.fault(Vector.GP, 0);
      case TABLE_VIOLATION, TABLE_MISCONFIGURATION, NESTED_FAULT -> {
        RuntimeException exit = tableExit(0, outcome);
        cpu.exit.qualification &= ~Ept.QUALIFICATION_LINEAR_VALID;
        throw exit;
      }
    }
  }

  // --- accesses that missed

  /** From now on it is told of misses. */
  void check(TranslationCheck by) {
    check = by;
  }

  /** From now on user accesses that are not aligned raise #AC, or no longer. */
  void checkAlignment(boolean on) {
    aligned = on;
  }

  private void checkAlignment(long linear, int privilege, int sizeBytes) {
    if (aligned && privilege == Access.USER && (linear & sizeBytes - 1) != 0) {
      throw cpu.fault(Vector.AC, 0);
    }
  }

  long read(long linear, int privilege, int sizeBytes) {
    checkAlignment(linear, privilege, sizeBytes);
    if (DebugUnit.armed(cpu)) {
      probe(linear, privilege, Access.READ, sizeBytes);
      DebugUnit.dataAccess(cpu, linear, sizeBytes, false);
    }
    if (!crosses(linear, sizeBytes)) {
      return readAt(translate(linear, privilege, Access.READ), sizeBytes);
    }
    int below = firstPart(linear);
    long low = translate(linear, privilege, Access.READ);
    long high = translate(nextPage(linear), privilege, Access.READ);
    long value = readAt(low, below);
    if ((low & DEVICE) != 0) {
      high = translate(nextPage(linear), privilege, Access.READ);
    }
    return value | readAt(high, sizeBytes - below) << 8 * below;
  }

  void write(long linear, int privilege, int sizeBytes, long value) {
    checkAlignment(linear, privilege, sizeBytes);
    if (DebugUnit.armed(cpu)) {
      probe(linear, privilege, Access.WRITE, sizeBytes);
      DebugUnit.dataAccess(cpu, linear, sizeBytes, true);
    }
    if (!crosses(linear, sizeBytes)) {
      writeAt(translate(linear, privilege, Access.WRITE), sizeBytes, value);
      return;
    }
    int below = firstPart(linear);
    long low = translate(linear, privilege, Access.WRITE);
    long high = translate(nextPage(linear), privilege, Access.WRITE);
    writeAt(low, below, value);
    if ((low & DEVICE) != 0) {
      high = translate(nextPage(linear), privilege, Access.WRITE);
    }
    writeAt(high, sizeBytes - below, value >>> 8 * below);
  }

  /** Machine address of what a locked access reads and writes, within a page. */
  long translateForUpdate(long linear, int privilege, int sizeBytes) {
    long address = translate(linear, privilege, Access.WRITE);
    if (DebugUnit.armed(cpu)) {
      DebugUnit.dataAccess(cpu, linear, sizeBytes, true);
    }
    return address;
  }

  /** Reads what a locked access will write; the caller has probed it. */
  long readForWrite(long linear, int privilege, int sizeBytes) {
    long low = translate(linear, privilege, Access.WRITE);
    if (!crosses(linear, sizeBytes)) {
      return readAt(low, sizeBytes);
    }
    int below = firstPart(linear);
    long value = readAt(low, below);
    long high = translate(nextPage(linear), privilege, Access.WRITE);
    return value | readAt(high, sizeBytes - below) << 8 * below;
  }

  /** Faults or exits now if an access to the range would. */
  void probe(long linear, int privilege, int access, int lengthBytes) {
    long address = linear;
    int left = lengthBytes;
    while (left > 0) {
      translate(address, privilege, access);
      left -= firstPart(address);
      address = nextPage(address);
    }
  }

  static boolean crosses(long linear, int sizeBytes) {
    return (linear & OFFSET) + sizeBytes > 4096;
  }

  /** Bytes up to the end of the page. */
  static int firstPart(long linear) {
    return 4096 - (int) (linear & OFFSET);
  }

  /**
   * Start of the page after this one. Outside 64-bit mode addresses wrap at 4 GiB, but for those of
   * system structures above it, which long mode reaches from compatibility mode too.
   */
  long nextPage(long linear) {
    long next = (linear | OFFSET) + 1;
    return next == 1L << 32 && cpu.codeSize != 64 ? 0 : next;
  }

  /** Reads 1 to 8 bytes within a page, at an address from {@link #translate}. */
  long readAt(long address, int sizeBytes) {
    if ((address & DEVICE) != 0) {
      long gpa = address & ~DEVICE;
      return virtualized(gpa)
          ? cpu.level.readVirtual(gpa, sizeBytes)
          : DeviceAccess.read(cpu, gpa, sizeBytes);
    }
    return switch (sizeBytes) {
      case 1, 2, 4, 8 -> MachineMemory.read(address, sizeBytes);
      default -> {
        long value = 0;
        for (int i = 0; i < sizeBytes; i++) {
          value |= MachineMemory.read8(address + i) << 8 * i;
        }
        yield value;
      }
    };
  }

  /** Writes 1 to 8 bytes within a page, at an address from {@link #translate}. */
  void writeAt(long address, int sizeBytes, long value) {
    if ((address & DEVICE) != 0) {
      writeDevice(address & ~DEVICE, sizeBytes, value);
      return;
    }
    switch (sizeBytes) {
      case 1, 2, 4, 8 -> MachineMemory.write(address, sizeBytes, value);
      default -> {
        for (int i = 0; i < sizeBytes; i++) {
          MachineMemory.write8(address + i, value >>> 8 * i);
        }
      }
    }
    written(address, sizeBytes);
  }

  private void writeDevice(long gpa, int sizeBytes, long value) {
    if (virtualized(gpa)) {
      cpu.level.writeVirtual(gpa, sizeBytes, value);
    } else {
      DeviceAccess.write(cpu, gpa, sizeBytes, value);
    }
  }

  /** After a write to machine memory that did not go through the first level of the TLB. */
  void written(long hpa, int lengthBytes) {
    memory.written(hpa >>> FramePool.FRAME_SHIFT, (int) (hpa & OFFSET), lengthBytes);
  }

  /** Entries of the monitor's tables read so far. */
  long references() {
    return monitorTables.references;
  }

  /** The gpa that the guest's tables give, or -1; changes nothing. */
  long peek(long linear) {
    try {
      return walker.peek(linear) == PageWalker.Outcome.MAPPED ? walker.gpa : -1;
    } catch (ExitSignal e) {
      return -1;
    }
  }

  /** What {@link #reference} found: the machine address of a page, or -1 if no frame is there. */
  long referenceHpa;

  /** What {@link #reference} found: rights of all privileges. */
  int referenceRights;

  /** Walks all tables anew, for a look without effects; false where they map nothing. */
  boolean reference(long linear) {
    if (tables == Tables.DIRECT) {
      boolean mapped = monitorTables.walk(linear, Access.USER, Access.READ);
      referenceHpa = monitorTables.data & FirstLevelTlb.PAGE;
      referenceRights = (int) monitorTables.data & Access.ALL_RIGHTS;
      return mapped;
    }
    if (walker.peek(linear) != PageWalker.Outcome.MAPPED) {
      return false;
    }
    long hpa = memory.table().hpa(walker.gpa);
    referenceHpa = hpa < 0 ? -1 : hpa & FirstLevelTlb.PAGE;
    referenceRights = walker.rights & TranslationCheck.allowedBy(memory.table().leaf(walker.gpa));
    return true;
  }

  /** The machine address of what {@link #peek} gives, or -1. */
  long peekMachine(long linear) {
    long gpa = peek(linear);
    NestedWalk nested = secondLevel.nested();
    if (gpa < 0 || nested == null) {
      return gpa < 0 ? -1 : memory.table().hpa(gpa);
    }
    try {
      return nested.walk(gpa, Ept.READ, false) ? memory.table().hpa(nested.gpa) : -1;
    } catch (ExitSignal e) {
      return -1;
    }
  }
}
