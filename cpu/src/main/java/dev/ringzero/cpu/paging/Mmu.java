package dev.ringzero.cpu.paging;

import static dev.ringzero.cpu.paging.FirstLevelTlb.ADDEND;
import static dev.ringzero.cpu.paging.FirstLevelTlb.EXECUTE_TAG;
import static dev.ringzero.cpu.paging.FirstLevelTlb.PAGE;
import static dev.ringzero.cpu.paging.FirstLevelTlb.READ_TAG;
import static dev.ringzero.cpu.paging.FirstLevelTlb.WRITE_TAG;
import static dev.ringzero.cpu.paging.FirstLevelTlb.slot;

import dev.ringzero.cpu.Attention;
import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.ExitSignal;
import dev.ringzero.memory.FrameMemory;
import dev.ringzero.memory.MachineMemory;
import dev.ringzero.memory.Revocation;
import dev.ringzero.memory.Revoker;
import dev.ringzero.x86.Cr0;
import dev.ringzero.x86.Cr4;
import dev.ringzero.x86.Efer;
import dev.ringzero.x86.ExitReason;
import dev.ringzero.x86.Rflags;

/**
 * Memory as instructions see it: linear addresses, translated through the TLB, the guest's page
 * tables and the second-level table. Each access is one call whatever it crosses; a fault (#PF,
 * #GP, #SS for non-canonical addresses is the caller's choice of segment) or a VM exit is thrown
 * before anything is written.
 */
public final class Mmu {
  private static final long CR0_CONTROLS = Cr0.PG | Cr0.WP;
  private static final long CR4_CONTROLS =
      Cr4.PSE | Cr4.PAE | Cr4.PGE | Cr4.PCIDE | Cr4.SMEP | Cr4.SMAP;
  private static final long EFER_CONTROLS = Efer.LMA | Efer.NXE;

  private final Cpu cpu;
  private final Tlb tlb = new Tlb();
  private final SecondLevel secondLevel = new SecondLevel(this::missing);
  private final PageWalker walker = new PageWalker(secondLevel);
  private final Translator translator;
  private final long[] supervisorEntries = tlb.entries(Access.SUPERVISOR);
  private TranslationCopies copies = TranslationCopies.NONE;
  private TranslationCheck check;
  private int contextRounds;
  private LockedAccess locked;
  private Revocation.User user;

  // What the hot paths look at: see Tlb.
  private long[] entries = tlb.entries(Access.SUPERVISOR);
  private long context = tlb.context();

  /** What the monitor, where it keeps the tables, is told next, see {@link #notice()}. */
  private ExitReason notice = ExitReason.INVLPG;

  private long noticeLinear;

  /** Address space of a guest whose own tables hold machine addresses, in halves. */
  private int lowerTag;

  private int upperTag;

  private int privilege = Access.SUPERVISOR;

  /** Entries that know nothing: every access is checked for its alignment. */
  private static final long[] UNKNOWN = new long[FirstLevelTlb.LONGS];

  private boolean checksAlignment;

  private int fetchEpoch;

  /** The bits of CR0, CR4 and EFER that translation depends on, or-ed: no two share a place. */
  private long controls;

  /** What protection keys forbid, see {@link #keysNow}. */
  private long keys;

  public Mmu(Cpu cpu) {
    this.cpu = cpu;
    this.translator = new Translator(cpu, tlb, walker, secondLevel);
  }

  // Data accesses at the current privilege. Values are zero-extended.

  public long read8(long linear) {
    long[] e = entries;
    int slot = slot(linear);
    return e[slot + READ_TAG] == (linear & PAGE | context)
        ? MachineMemory.read8(e[slot + ADDEND] + linear)
        : translator.read(linear, privilege, 1);
  }

  public long read16(long linear) {
    long[] e = entries;
    int slot = slot(linear);
    return e[slot + READ_TAG] == (linear + 1 & PAGE | context)
        ? MachineMemory.read16(e[slot + ADDEND] + linear)
        : translator.read(linear, privilege, 2);
  }

  public long read32(long linear) {
    long[] e = entries;
    int slot = slot(linear);
    return e[slot + READ_TAG] == (linear + 3 & PAGE | context)
        ? MachineMemory.read32(e[slot + ADDEND] + linear)
        : translator.read(linear, privilege, 4);
  }

  public long read64(long linear) {
    long[] e = entries;
    int slot = slot(linear);
    return e[slot + READ_TAG] == (linear + 7 & PAGE | context)
        ? MachineMemory.read64(e[slot + ADDEND] + linear)
        : translator.read(linear, privilege, 8);
  }

  public void write8(long linear, long value) {
    long[] e = entries;
    int slot = slot(linear);
    if (e[slot + WRITE_TAG] == (linear & PAGE | context)) {
      MachineMemory.write8(e[slot + ADDEND] + linear, value);
    } else {
      translator.write(linear, privilege, 1, value & 0xFF);
    }
  }

  public void write16(long linear, long value) {
    long[] e = entries;
    int slot = slot(linear);
    if (e[slot + WRITE_TAG] == (linear + 1 & PAGE | context)) {
      MachineMemory.write16(e[slot + ADDEND] + linear, value);
    } else {
      translator.write(linear, privilege, 2, value & 0xFFFF);
    }
  }

  public void write32(long linear, long value) {
    long[] e = entries;
    int slot = slot(linear);
    if (e[slot + WRITE_TAG] == (linear + 3 & PAGE | context)) {
      MachineMemory.write32(e[slot + ADDEND] + linear, value);
    } else {
      translator.write(linear, privilege, 4, value & 0xFFFF_FFFFL);
    }
  }

  public void write64(long linear, long value) {
    long[] e = entries;
    int slot = slot(linear);
    if (e[slot + WRITE_TAG] == (linear + 7 & PAGE | context)) {
      MachineMemory.write64(e[slot + ADDEND] + linear, value);
    } else {
      translator.write(linear, privilege, 8, value);
    }
  }

  /** Faults or exits now if the range could not be written; used before multi-part writes. */
  public void probeWrite(long linear, int lengthBytes) {
    if (entries[slot(linear) + WRITE_TAG] != (linear + lengthBytes - 1 & PAGE | context)) {
      translator.probe(linear, privilege, Access.WRITE, lengthBytes);
    }
  }

  /** Faults or exits now if the range could not be read. */
  public void probeRead(long linear, int lengthBytes) {
    if (entries[slot(linear) + READ_TAG] != (linear + lengthBytes - 1 & PAGE | context)) {
      translator.probe(linear, privilege, Access.READ, lengthBytes);
    }
  }

  /** Machine address of a byte that can be read without further ado up to its page's end, or -1. */
  public long readableRun(long linear) {
    int slot = slot(linear);
    return entries[slot + READ_TAG] == (linear & PAGE | context)
        ? entries[slot + ADDEND] + linear
        : -1;
  }

  /** As {@link #readableRun}, of a byte that can be written. */
  public long writableRun(long linear) {
    int slot = slot(linear);
    return entries[slot + WRITE_TAG] == (linear & PAGE | context)
        ? entries[slot + ADDEND] + linear
        : -1;
  }

  /** Reads 16 bytes as two longs into {@code destination[at]} (low) and {@code [at + 1]}. */
  public void read128(long linear, long[] destination, int at) {
    long[] e = entries;
    int slot = slot(linear);
    if (e[slot + READ_TAG] == (linear + 15 & PAGE | context)) {
      long hpa = e[slot + ADDEND] + linear;
      long low = MachineMemory.read64(hpa);
      destination[at + 1] = MachineMemory.read64(hpa + 8);
      destination[at] = low;
    } else {
      readLongs(linear, destination, at, 2);
    }
  }

  public void read256(long linear, long[] destination, int at) {
    long[] e = entries;
    int slot = slot(linear);
    if (e[slot + READ_TAG] == (linear + 31 & PAGE | context)) {
      long hpa = e[slot + ADDEND] + linear;
      for (int i = 0; i < 4; i++) {
        destination[at + i] = MachineMemory.read64(hpa + i * 8L);
      }
    } else {
      readLongs(linear, destination, at, 4);
    }
  }

  private void readLongs(long linear, long[] destination, int at, int count) {
    probeRead(linear, count * 8);
    for (int i = 0; i < count; i++) {
      destination[at + i] = read64(wrap(linear + i * 8L));
    }
  }

  public void write128(long linear, long[] source, int at) {
    long[] e = entries;
    int slot = slot(linear);
    if (e[slot + WRITE_TAG] == (linear + 15 & PAGE | context)) {
      long hpa = e[slot + ADDEND] + linear;
      MachineMemory.write64(hpa, source[at]);
      MachineMemory.write64(hpa + 8, source[at + 1]);
    } else {
      writeLongs(linear, source, at, 2);
    }
  }

  public void write256(long linear, long[] source, int at) {
    long[] e = entries;
    int slot = slot(linear);
    if (e[slot + WRITE_TAG] == (linear + 31 & PAGE | context)) {
      long hpa = e[slot + ADDEND] + linear;
      for (int i = 0; i < 4; i++) {
        MachineMemory.write64(hpa + i * 8L, source[at + i]);
      }
    } else {
      writeLongs(linear, source, at, 4);
    }
  }

  private void writeLongs(long linear, long[] source, int at, int count) {
    probeWrite(linear, count * 8);
    for (int i = 0; i < count; i++) {
      write64(wrap(linear + i * 8L), source[at + i]);
    }
  }

  private long wrap(long linear) {
    return cpu.codeSize == 64 ? linear : linear & 0xFFFF_FFFFL;
  }

  /** Implicit supervisor accesses (descriptor tables, TSS, stacks of a more privileged level). */
  public long readSupervisor(long linear, int sizeBytes) {
    long[] e = supervisorEntries;
    int slot = slot(linear);
    return e[slot + READ_TAG] == (linear + sizeBytes - 1 & PAGE | context)
        ? MachineMemory.read(e[slot + ADDEND] + linear, sizeBytes)
        : translator.read(linear, Access.SUPERVISOR, sizeBytes);
  }

  public void writeSupervisor(long linear, int sizeBytes, long value) {
    long[] e = supervisorEntries;
    int slot = slot(linear);
    if (e[slot + WRITE_TAG] == (linear + sizeBytes - 1 & PAGE | context)) {
      MachineMemory.write(e[slot + ADDEND] + linear, sizeBytes, value);
    } else {
      translator.write(linear, Access.SUPERVISOR, sizeBytes, value);
    }
  }

  // Locked accesses. All write, so write permission is checked first.

  /**
   * Atomic compare-and-set at the current privilege, for locked instructions of 1, 2, 4 or 8 bytes,
   * at any alignment. Write permission is checked first.
   *
   * @return the value found; the exchange happened if it equals {@code expected}
   */
  public long compareAndExchange(long linear, int sizeBytes, long expected, long value) {
    long hpa = writableRun(linear);
    if (hpa >= 0 && (linear & sizeBytes - 1) == 0) {
      return LockedAccess.compareAndExchangeAt(hpa, sizeBytes, expected, value);
    }
    return locked.compareAndExchange(linear, privilege, sizeBytes, expected, value);
  }

  /** As {@link #compareAndExchange}, but an implicit supervisor access: descriptor and TSS bits. */
  public long compareAndExchangeSupervisor(long linear, int sizeBytes, long expected, long value) {
    return locked.compareAndExchange(linear, Access.SUPERVISOR, sizeBytes, expected, value);
  }

  /**
   * Atomic exchange, for XCHG.
   *
   * @return the value before
   */
  public long exchange(long linear, int sizeBytes, long value) {
    long hpa = writableRun(linear);
    return hpa >= 0 && LockedAccess.isWhole(linear, sizeBytes)
        ? LockedAccess.exchangeAt(hpa, sizeBytes, value)
        : locked.exchange(linear, privilege, sizeBytes, value);
  }

  /**
   * Atomic addition, for XADD and its kin.
   *
   * @return the value before
   */
  public long getAndAdd(long linear, int sizeBytes, long addend) {
    long hpa = writableRun(linear);
    return hpa >= 0 && LockedAccess.isWhole(linear, sizeBytes)
        ? LockedAccess.getAndAddAt(hpa, sizeBytes, addend)
        : locked.getAndAdd(linear, privilege, sizeBytes, addend);
  }

  /**
   * CMPXCHG16B: compares 16 bytes with {@code operand[0..1]}; stores {@code operand[2..3]} if
   * equal, else loads the bytes found into {@code operand[0..1]}.
   *
   * @param atomic whether other processors must see it as one access: there is a LOCK prefix
   */
  public boolean compareAndExchange128(long linear, long[] operand, boolean atomic) {
    return locked.compareAndExchange128(linear, privilege, operand, atomic);
  }

  // What the system unit tells when state changes on which translation depends.

  /** CPL, RFLAGS.AC, CR0, CR4 or EFER has a new value; entries that stay valid need not go. */
  public void modeChanged() {
    long now = controlsNow();
    long keysNow = keysNow();
    if (now != controls || keysNow != keys) {
      controls = now;
      keys = keysNow;
      flushAll();
    }
    selectPrivilege();
  }

  /** What the protection keys forbid: PKRU, and above it IA32_PKRS, as far as they are in use. */
  private long keysNow() {
    long user = (cpu.cr4 & Cr4.PKE) != 0 ? cpu.system.pkru & 0xFFFF_FFFFL : 0;
    return (cpu.cr4 & Cr4.PKS) != 0 ? user | (long) cpu.system.pkrs << 32 : user;
  }

  private long controlsNow() {
    return cpu.cr0 & CR0_CONTROLS | cpu.cr4 & CR4_CONTROLS | cpu.efer & EFER_CONTROLS;
  }

  private void selectPrivilege() {
    int mode = privilegeNow();
    boolean aligned = mode == Access.USER && alignmentChecked(cpu);
    if (mode != privilege || aligned != checksAlignment) {
      privilege = mode;
      checksAlignment = aligned;
      translator.checkAlignment(aligned);
      entries = aligned ? UNKNOWN : tlb.entries(mode);
    }
  }

  /** Whether data that user code accesses must be aligned. */
  public static boolean alignmentChecked(Cpu cpu) {
    return (cpu.systemFlags & Rflags.AC) != 0 && (cpu.cr0 & Cr0.AM) != 0 && cpu.cpl == 3;
  }

  private int privilegeNow() {
    if (cpu.cpl == 3) {
      return Access.USER;
    }
    boolean lifted = (cpu.systemFlags & Rflags.AC) != 0 && (cpu.cr4 & Cr4.SMAP) != 0;
    return lifted ? Access.SUPERVISOR_AC : Access.SUPERVISOR;
  }

  // Inner guests.

  /** A space for the translations of an inner guest. */
  public Space newSpace() {
    return tlb.newSpace();
  }

  /** Drops the translations of a space that is not the current one. */
  public void flush(Space space) {
    tlb.flush(space);
  }

  /**
   * The registers hold an inner guest's state now; what its space knows holds.
   *
   * @param nested tables between it and its monitor, or null
   */
  public void enterSpace(Space space, NestedWalk nested) {
    tlb.space().controls = controls;
    tlb.space().keys = keys;
    secondLevel.nested(nested);
    tlb.enter(space);
    controls = controlsNow();
    keys = keysNow();
    if (tlb.space().controls != controls || tlb.space().keys != keys) {
      tlb.flush(tlb.space());
    }
    walker.controls(cpu.cr0, cpu.cr4, cpu.efer);
    walker.keys(keysNow());
    walker.root(cpu.cr3);
    selectSpace();
    contextChanged();
    selectPrivilege();
  }

  /** The registers hold the state of what runs outside all inner guests again. */
  public void leaveSpace() {
    enterSpace(null, null);
  }

  private RuntimeException missing(long gpa) {
    return translator.missing(gpa);
  }

  /**
   * Machine address of a byte of the space outside all inner guests, valid up to its page's end
   * until the processor leaves guest code; -1 if no RAM is there.
   *
   * @throws ExitSignal if RAM there has no frame yet
   */
  public long physical(long gpa, boolean write) {
    return translator.physical(gpa, write);
  }

  /** After a write to machine memory by {@link #physical}. */
  public void physicalWritten(long hpa, int lengthBytes) {
    translator.written(hpa, lengthBytes);
  }

  // What the monitor is told where it keeps the tables.

  /**
   * From now on the tables that the monitor keeps are walked, from linear to machine addresses.
   * Afterwards the monitor is asked for another root after every instruction that changes which
   * tables of its own the guest would use, and told of invalidations.
   *
   * @param hpa machine address of the top table; 0 if the monitor is to be asked at once
   */
  public void monitorRoot(long hpa) {
    boolean first = !translator.monitored();
    translator.monitorRoot(hpa);
    if (first) {
      flushAll();
    } else if (hpa == 0) {
      rootNeeded();
    }
  }

  /**
   * From now on a guest's own tables are walked as they are: they hold machine addresses.
   *
   * @param hpa machine address of the top table
   * @param lower in place of a PCID, for the lower half of the addresses
   * @param upper for their upper half
   */
  public void directRoot(long hpa, int lower, int upper) {
    translator.directRoot(hpa);
    lowerTag = lower;
    upperTag = upper;
    selectSpace();
    contextChanged();
  }

  /** Drops the translations that {@link #directRoot} gave this tag. */
  public void dropTag(int tag) {
    tlb.forget(tag);
    selectSpace();
    contextChanged();
  }

  private void selectSpace() {
    if (translator.direct()) {
      tlb.select(lowerTag, upperTag);
    } else {
      tlb.select(currentPcid());
    }
  }

  private void rootNeeded() {
    if (translator.monitored()) {
      translator.monitorRoot(0);
      tell(ExitReason.CR_ACCESS, 0);
    }
  }

  private void tell(ExitReason reason, long linear) {
    if (translator.monitored()) {
      if (notice != ExitReason.CR_ACCESS) {
        notice = reason;
        noticeLinear = linear;
      }
      cpu.attention.raise(Attention.TABLES);
    }
  }

  /** The VM exit that waits since {@link Attention#TABLES} was raised. */
  public ExitSignal notice() {
    ExitReason reason = notice;
    notice = ExitReason.INVLPG;
    cpu.exit.gva = noticeLinear;
    return cpu.exit(reason, noticeLinear, 0);
  }

  /** Drops all translations, global ones and those of other PCIDs included. */
  public void flushAll() {
    rootNeeded();
    walker.controls(cpu.cr0, cpu.cr4, cpu.efer);
    walker.keys(keysNow());
    walker.root(cpu.cr3);
    tlb.flushAll();
    selectSpace();
    contextChanged();
  }

  /** Drops the translations of the current PCID that are not global. */
  public void flushCurrent() {
    flushPcid(currentPcid());
  }

  /**
   * CR3 has a new value.
   *
   * @param flush whether the translations of the (new) PCID that are not global must go
   */
  public void rootChanged(boolean flush) {
    rootNeeded();
    walker.root(cpu.cr3);
    if (flush) {
      tlb.forget(currentPcid());
    }
    selectSpace();
    contextChanged();
  }

  /** INVLPG: drops the translations of one page, global or not, in the current PCID. */
  public void invalidatePage(long linear) {
    tell(ExitReason.INVLPG, linear);
    if (check != null) {
      check.invalidated(linear);
    }
    int pages = tlb.drop(linear);
    if (pages == 0) {
      contextChanged();
    } else {
      copies.dropped(linear & -4096L * pages, pages);
      fetchEpoch++;
    }
  }

  /** INVPCID type 0: drops the translations of one page in one PCID that are not global. */
  public void invalidatePage(long linear, int pcid) {
    if (pcid == currentPcid()) {
      invalidatePage(linear);
    } else {
      tell(ExitReason.INVPCID, linear);
      tlb.forget(pcid);
    }
  }

  /** INVPCID type 1: drops the translations of one PCID that are not global. */
  public void flushPcid(int pcid) {
    tell(ExitReason.INVPCID, 0);
    tlb.forget(pcid);
    selectSpace();
    contextChanged();
  }

  /** INVPCID type 3: drops the translations of all PCIDs that are not global. */
  public void flushAllButGlobal() {
    tell(ExitReason.INVPCID, 0);
    tlb.flushAllButGlobal();
    contextChanged();
  }

  /** Loads the four PDPTEs that PAE paging keeps in registers; #GP(0) if one has reserved bits. */
  public void loadPdptes(long cr3) {
    translator.loadPdptes(cr3);
  }

  /** The four PDPTE registers, as state to save and restore. */
  public long[] pdptes() {
    return walker.pdptes();
  }

  private int currentPcid() {
    return (cpu.cr4 & Cr4.PCIDE) != 0 ? (int) cpu.cr3 & 0xFFF : 0;
  }

  private void contextChanged() {
    context = tlb.context();
    if (contextRounds != tlb.rounds()) {
      contextRounds = tlb.rounds();
      fetchEpoch++;
      copies.contextsStartOver();
    }
    copies.contextChanged();
  }

  // What an executor with translations of its own needs.

  /** Makes the TLB small again, until it is used more. */
  public void trim() {
    tlb.trim();
  }

  /** Sets who keeps copies of translations. */
  public void copies(TranslationCopies keeper) {
    copies = keeper;
  }

  /** A number from 1 to 4095 for the current address space, see {@link TranslationCopies}. */
  public long context() {
    return tlb.ownContext();
  }

  /**
   * As {@link #context}, for both halves together: another one where only the upper half, which is
   * then not global, differs.
   */
  public long wholeContext() {
    return context;
  }

  /** As {@link #context}, for pages that are the same in all address spaces. */
  public long globalContext() {
    return tlb.globalContext();
  }

  /**
   * Translates as an access at the current privilege would, with its side effects.
   *
   * @return false if a device is there
   * @throws dev.ringzero.cpu.GuestFault a page fault
   * @throws dev.ringzero.cpu.ExitSignal an EPT violation or misconfiguration
   */
  public boolean locate(long linear, boolean write, PageTranslation result) {
    return translator.locate(linear, privilege, write ? Access.WRITE : Access.READ, result);
  }

  /** As {@link #locate}, for execution. */
  public boolean locateCode(long linear, PageTranslation result) {
    return translator.locate(linear, privilege, Access.EXECUTE, result);
  }

  // What the processor's loop calls.

  /** From now on {@link #check()} compares what is held of translations with the tables. */
  public TranslationCheck checked(FrameMemory memory) {
    check = new TranslationCheck(cpu, tlb, translator, memory);
    translator.check(check);
    return check;
  }

  /** Translations that {@link #check()} has compared so far; -1 if it was not told to. */
  public long comparedTranslations() {
    return check == null ? -1 : check.compared();
  }

  /** Between two instructions, at any time; does nothing unless told to. */
  public void check() {
    if (check != null) {
      check.sometimes(copies);
    }
  }

  /** Connects to the guest-physical space; once, before anything else. */
  public void attach(FrameMemory memory) {
    translator.attach(memory);
    user = memory.revocation().register(this::revoked, () -> cpu.attention.raise(Attention.REVOKE));
    locked = new LockedAccess(translator, user);
    modeChanged();
    flushAll();
  }

  /** Before guest code runs on this thread. */
  public void enter() {
    user.enter();
  }

  /**
   * When guest code no longer runs on this thread, or waits for a device: always, and {@link
   * #enter()} or the end of the run in a finally block.
   */
  public void leave() {
    user.leave();
  }

  /** Serves what other processors asked for; at least at every block of instructions. */
  public void poll() {
    if (user.isCalled()) {
      cpu.attention.clear(Attention.REVOKE);
      user.poll();
    }
  }

  private void revoked(long firstMfn, long count, int rights) {
    if (rights == Revoker.WRITE_UNNOTICED) {
      tlb.revokeUnnoticedWrites(firstMfn, count);
      copies.revoked(firstMfn, count, false, true, false);
      return;
    }
    if (rights == 0) {
      return; // somebody only wanted to know that no walk is under way
    }
    if (firstMfn == 0 && count == Long.MAX_VALUE) {
      secondLevel.dropCachedTables();
      tlb.flushSpaces();
      selectSpace();
      fetchEpoch++;
      contextChanged();
      cpu.attention.raise(Attention.RELOAD);
      return;
    }
    int lost = 0;
    if ((rights & Revoker.READ) != 0) {
      lost |= Access.ALL_READ;
    }
    if ((rights & Revoker.WRITE) != 0) {
      lost |= Access.ALL_WRITE;
    }
    if ((rights & Revoker.EXECUTE) != 0) {
      lost |= Access.ALL_EXECUTE;
      fetchEpoch++;
      cpu.attention.raise(Attention.RELOAD);
    }
    secondLevel.dropCachedTables();
    tlb.revoke(firstMfn, count, lost);
    copies.revoked(
        firstMfn,
        count,
        (rights & Revoker.READ) != 0,
        (rights & Revoker.WRITE) != 0,
        (rights & Revoker.EXECUTE) != 0);
  }

  /** Machine address of the code at {@code linear}, for execution; faults or exits. */
  public long fetch(long linear) {
    long[] e = entries;
    int slot = slot(linear);
    return e[slot + EXECUTE_TAG] == (linear & PAGE | context)
        ? e[slot + ADDEND] + linear
        : translator.translate(linear, privilege, Access.EXECUTE);
  }

  /**
   * Grows whenever a machine address from {@link #fetch} may no longer hold at the same privilege
   * level under the same {@link #wholeContext}: invalidation, revocation. A change of CR3, control
   * bits or level gives another context, or the same where translations were kept.
   */
  public int fetchEpoch() {
    return fetchEpoch;
  }

  /** The gpa that the guest's tables give for an address, without side effects, or -1. */
  public long translate(long linear) {
    return translator.peek(linear);
  }

  /** As {@link #translate}, the machine address; -1 also where no frame is. */
  public long peekMachine(long linear) {
    return translator.peekMachine(linear);
  }

  /** Misses of the TLB so far: page walks. */
  public long tlbMisses() {
    return translator.misses();
  }

  /** Table entries read by page walks so far, in both dimensions. */
  public long walkReferences() {
    return walker.references + secondLevel.references + translator.references();
  }
}
