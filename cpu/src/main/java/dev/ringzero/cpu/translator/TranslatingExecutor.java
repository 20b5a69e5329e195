package dev.ringzero.cpu.translator;

import dev.ringzero.cpu.Attention;
import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.ExitSignal;
import dev.ringzero.cpu.GuestFault;
import dev.ringzero.cpu.interpreter.CodeCache;
import dev.ringzero.cpu.interpreter.Executor;
import dev.ringzero.cpu.interpreter.Interpreter;
import dev.ringzero.cpu.paging.PageTranslation;
import dev.ringzero.cpu.system.DebugUnit;
import dev.ringzero.cpu.system.FastSystemCalls;
import dev.ringzero.cpu.system.ModelSpecificRegisters;
import dev.ringzero.engine.ShortCalls;
import dev.ringzero.engine.TranslatedBlock;
import dev.ringzero.engine.TranslationStatistics;
import dev.ringzero.memory.FramePool;
import dev.ringzero.memory.MachineMemory;
import dev.ringzero.x86.Cr4;
import dev.ringzero.x86.Efer;
import dev.ringzero.x86.ExitReason;
import dev.ringzero.x86.Rflags;
import dev.ringzero.x86.Vector;
import dev.ringzero.x86.instruction.Instruction;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Runs 64-bit code, and 32-bit code of programs, as host machine code. What translated code cannot
 * do, one instruction at a time, and all other modes are the interpreter's: whenever translated
 * code leaves, the guest's state is that before an instruction.
 */
public final class TranslatingExecutor implements Executor {
  private static final int SYSCALL = 0x050F;
  private static final int SYSCALL_BYTES = 2;
  private static final int R10 = 10;
  private static final int NO_LIMIT = 0;
  private static final int ONE_BLOCK = 2;

  /** After so many misses of one place the interpreter helps: two pages may displace each other. */
  private static final int MOST_MISSES = 256;

  private static final long PAGE_MASK = FramePool.FRAME_BYTES - 1;

  private final Cpu cpu;
  private final Interpreter interpreter;
  private final StateBlock state = new StateBlock();
  private final JumpCache jumps = new JumpCache(state);
  private final TlbCopies copies;
  private CodeStore store;
  private MemorySegment enter;
  private final PageTranslation found = new PageTranslation();
  private final ConcurrentLinkedQueue<Long> written = new ConcurrentLinkedQueue<>();
  private final TranslatorCounters counters = new TranslatorCounters();
  private final boolean counted;
  private final CodeFrames frames;
  private final CodeCache cache;
  private final boolean blockwise;
  private volatile boolean trims;

  private TranslationMode mode;

  /** The page of the code that was found last, or null if that ends in another page. */
  private TranslatedPage foundPage;

  /** Translated code worked on vector registers when it ran last. */
  private boolean vectorsUsed;

  private int lastMissed;
  private int missesInTurn;

  /** Why this host cannot run translated code, in one line; empty where it can. */
  public static Optional<String> whyNot() {
    return HostSupport.whyNot();
  }

  /**
   * An executor for one vCPU, whose clock must be set.
   *
   * @param counted whether instructions and memory accesses of translated code are counted
   */
  public TranslatingExecutor(Cpu cpu, CodeCache cache, boolean counted) {
    this(cpu, cache, counted, false);
  }

  /** As above; where blockwise, it can run single blocks, and stops where one runs first. */
  TranslatingExecutor(Cpu cpu, CodeCache cache, boolean counted, boolean blockwise) {
    this.cpu = cpu;
    this.cache = cache;
    this.blockwise = blockwise;
    this.counted = counted;
    interpreter = new Interpreter(cpu, cache);
    copies = new TlbCopies(state, cpu.mmu, jumps);
    frames = new CodeFrames(cache, jumps, counters);
    useStore();
    SignalNet.spread();
    cpu.mmu.copies(copies);
    cpu.attention.listener(state::attend);
    cache.addKeeper(this::written);
  }

  private void useStore() {
    store = blockwise ? CodeStores.blockwise(counted) : CodeStores.shared(counted);
    enter = MemorySegment.ofAddress(store.executable(store.stubs.enter));
    state.set(StateBlock.FAULT_EXIT, store.executable(store.stubs.fault));
  }

  /** The store is full: nothing of it is used any more. */
  private void changeStore() {
    frames.clear();
    jumps.clear();
    counters.evictions++;
    useStore();
  }

  /** A code frame was written; called on any thread. */
  private void written(long mfn) {
    written.add(mfn);
    cpu.attention.raise(Attention.RELOAD);
  }

  @Override
  public long interpreted() {
    return interpreter.interpreted();
  }

  @Override
  public long instructions() {
    return counted ? interpreter.interpreted() + state.get(StateBlock.INSTRUCTIONS) : -1;
  }

  @Override
  public long blocksDecoded() {
    return interpreter.blocksDecoded() + counters.blocks;
  }

  @Override
  public Optional<TranslationStatistics> translationStatistics() {
    return Optional.of(counters.toRecord(state, counted));
  }

  @Override
  public void trim() {
    trims = true;
  }

  @Override
  public List<TranslatedBlock> translations(long gva) {
    long hpa = cpu.mmu.peekMachine(gva);
    int offset = (int) (gva & PAGE_MASK);
    List<TranslatedBlock> found = new ArrayList<>();
    for (TranslationMode each : TranslationMode.ALL) {
      CodeFrame frame = hpa < 0 ? null : frames.known(hpa >>> FramePool.FRAME_SHIFT, each);
      if (frame != null) {
        found.addAll(store.blocksAt(frame.page, offset, gva & ~PAGE_MASK));
      }
    }
    return found;
  }

  @Override
  public Instruction peek() {
    return interpreter.peek();
  }

  @Override
  public void step() {
    interpreter.step();
  }

  @Override
  public void run() {
    boolean goesOn = true;
    while (goesOn) {
      dropWritten();
      if (trims) {
        trims = false;
        copies.trim();
        cpu.mmu.trim();
      }
      if (!TranslationMode.exists(cpu) || cpu.level != null && cpu.level.interpretsAll()) {
        interpretOtherMode();
        return;
      }
      mode(TranslationMode.of(cpu));
      copies.settle();
      goesOn = !runTranslated(NO_LIMIT) && !exitsForSystemCall() && interpretAndGoOn();
    }
  }

  /** Runs one instruction; whether nothing has to be looked at before the next. */
  private boolean interpretAndGoOn() {
    boolean outermost = cpu.level == null;
    if (counted) {
      counters.interpreted(interpreter.peek());
    }
    interpret();
    return outermost
        && cpu.level == null
        && !cpu.exitWaits
        && !cpu.interruptWaits
        && !cpu.nmiWaits
        && !cpu.nmiQueued
        && !cpu.attention.raised()
        && !cpu.system.eventPending()
        && !cpu.system.interruptShadow
        && !cpu.system.stackShadow
        && (cpu.systemFlags & (Rflags.RF | Rflags.TF)) == 0
        && !DebugUnit.watching(cpu);
  }

  /** Runs the instruction for which translated code was left. */
  private void interpret() {
    boolean behindSti =
        state.get(StateBlock.PAGE_BASE) + state.get32(StateBlock.SHADOW_OFFSET) == cpu.rip;
    try {
      interpreter.step();
    } catch (ExitSignal exit) {
      cpu.system.interruptShadow |= behindSti; // nothing comes between, also after the exit
      throw exit;
    }
  }

  /** Where all events exit there are many system calls: their exits are not thrown. */
  private boolean exitsForSystemCall() {
    if (!cpu.eventsExit || !isSystemCall()) {
      return false;
    }
    cpu.exit(ExitReason.SYSCALL, 0, SYSCALL_BYTES);
    cpu.exitWaits = true;
    return true;
  }

  private boolean isSystemCall() {
    return cpu.codeSize == 64
        && (cpu.efer & Efer.SCE) != 0
        && (cpu.rip & PAGE_MASK) != PAGE_MASK
        && MachineMemory.read16(cpu.mmu.fetch(cpu.rip)) == SYSCALL;
  }

  /** Whether a system call was left for that is answered at once; translated code goes on then. */
  private boolean answered() {
    if (cpu.shortCalls == null || !isSystemCall()) {
      return false;
    }
    long began = cpu.clock.nanoTime();
    long answer =
        cpu.shortCalls.answer(
            general(Cpu.RAX), general(Cpu.RDI), general(Cpu.RSI), general(Cpu.RDX), general(R10));
    if (answer == ShortCalls.EXIT) {
      return false;
    }
    cpu.exits.add(ExitReason.SYSCALL, cpu.clock.nanoTime() - began);
    state.set(StateBlock.GPR + 8 * Cpu.RAX, answer);
    cpu.rip += SYSCALL_BYTES;
    copies.settle();
    long known = jumps.find(cpu.rip);
    goTo(cpu.rip, known != 0 ? known : find(cpu.rip));
    return true;
  }

  private long general(int number) {
    return state.get(StateBlock.GPR + 8 * number);
  }

  /** Makes ready to run; false if that is not possible now. */
  boolean ready() {
    dropWritten();
    if (cpu.attention.raised() || !TranslationMode.exists(cpu)) {
      return false;
    }
    mode(TranslationMode.of(cpu));
    copies.settle();
    return true;
  }

  /** Runs one block, where {@link #ready}; what is the interpreter's is left for {@link #run}. */
  void runBlock() {
    runTranslated(ONE_BLOCK);
  }

  TranslatorCounters counters() {
    return counters;
  }

  /** What records the same instructions as the interpreter runs them. */
  InterpretedTrace trace() {
    return new InterpretedTrace(cpu, interpreter, cache, store.ordinary());
  }

  private void interpretOtherMode() {
    if ((cpu.systemFlags & Rflags.DF) != 0) {
      interpreter.step(); // it does not last
    } else {
      interpreter.run();
    }
  }

  private void mode(TranslationMode next) {
    mode = next;
    jumps.mode(next);
  }

  private void dropWritten() {
    if (written.isEmpty()) { // Attention.RELOAD may have been taken back by others
      return;
    }
    cpu.attention.clear(Attention.RELOAD);
    Long mfn = written.poll();
    while (mfn != null) {
      frames.drop(mfn, store);
      mfn = written.poll();
    }
  }

  /** Runs translated code; false if the interpreter must run the instruction at {@link Cpu#rip}. */
  private boolean runTranslated(int polls) {
    long known = jumps.find(cpu.rip);
    long entry = known != 0 ? known : find(cpu.rip);
    state.set32(StateBlock.ATTENTION, polls);
    VarHandle.fullFence();
    if (cpu.attention.raised()) {
      return true;
    }
    state.loadGeneral(cpu);
    state.set32(StateBlock.MODE, mode.number());
    state.set32(StateBlock.CROSSED, 0);
    if (vectorsUsed) { // so they will be again: an exit to fetch them costs more
      state.loadVectors(cpu);
    }
    state.set32(StateBlock.VECTORS_CURRENT, vectorsUsed ? 1 : 0);
    state.set32(StateBlock.VECTORS_LOADED, 0);
    state.set32(StateBlock.X87_LOADED, 0);
    state.set32(StateBlock.PAUSES_LEFT, cpu.level == null ? Integer.MAX_VALUE : cpu.pausesLeft);
    state.set32(StateBlock.SHADOW_OFFSET, -1);
    goTo(cpu.rip, entry);
    try {
      return runToStop(polls);
    } finally {
      state.storeGeneral(cpu);
      vectorsUsed = state.get32(StateBlock.VECTORS_LOADED) != 0;
      if (vectorsUsed) {
        state.storeVectors(cpu);
      }
      if (state.get32(StateBlock.X87_LOADED) != 0) {
        state.storeX87(cpu);
      }
      if (cpu.level != null) {
        cpu.pausesLeft = state.get32(StateBlock.PAUSES_LEFT);
      }
    }
  }

  private void goTo(long rip, long entry) {
    state.set(StateBlock.TARGET, rip);
    state.set(StateBlock.RESUME, entry);
  }

  /** Runs until nothing can be mended; {@link Cpu#rip} is set then. */
  private boolean runToStop(int polls) {
    while (true) {
      ExitKind kind = ExitKind.ALL[(int) HostCode.call(enter, state.address())];
      adoptMode();
      counters.left(kind);
      switch (kind) {
        case POLL -> {
          cpu.rip = exitRip();
          return true;
        }
        case SPECIAL -> {
          cpu.rip = exitRip();
          if (polls != NO_LIMIT || !answered()) {
            return false;
          }
        }
        case VECTORS -> {
          cpu.rip = exitRip();
          state.loadVectors(cpu);
          state.set32(StateBlock.VECTORS_CURRENT, 1);
          if (polls != NO_LIMIT) {
            state.set32(StateBlock.ATTENTION, polls);
          }
          goTo(cpu.rip, find(cpu.rip));
        }
        case X87 -> {
          int site = state.get32(StateBlock.SITE);
          if (!X87Image.mayRun(cpu)) {
            leaveBefore(site);
            return false;
          }
          state.loadX87(cpu);
          state.set(StateBlock.RESUME, store.executable(store.sites().position(site)));
        }
        case JUMP -> {
          cpu.rip = target();
          goTo(cpu.rip, find(cpu.rip));
          if (blockwise) {
            return true;
          }
        }
        case CHAIN -> {
          chain(state.get32(StateBlock.SITE));
          if (blockwise) {
            return true;
          }
        }
        case CROSSING -> {
          crossing(state.get32(StateBlock.SITE));
          if (blockwise) {
            return true;
          }
        }
        case TIME_STAMP -> {
          int site = state.get32(StateBlock.SITE);
          if (!readTimeStamp(site)) {
            leaveBefore(site);
            return false;
          }
        }
        case READ_MISS, WRITE_MISS -> {
          int site = state.get32(StateBlock.SITE);
          cpu.rip = state.get(StateBlock.PAGE_BASE) + store.sites().ripOffset(site);
          missesInTurn = site == lastMissed ? missesInTurn + 1 : 0;
          lastMissed = site;
          if (missesInTurn > MOST_MISSES || !mend(site, kind == ExitKind.WRITE_MISS)) {
            missesInTurn = 0;
            leaveBefore(site);
            return false;
          }
          state.set(StateBlock.RESUME, store.executable(store.sites().position(site)));
        }
        case FAULT -> throw hostFault();
      }
    }
  }

  /** The signal net caught an exception of the host: nothing is known of the guest's state. */
  private IllegalStateException hostFault() {
    long host = state.get(StateBlock.TARGET);
    int offset = store.instructionAt(host);
    return new IllegalStateException(
        "translated code raised exception %d of the host at %x (address %x), in the code for the "
                .formatted(
                    state.get32(StateBlock.SITE),
                    host - store.executable(0),
                    state.get(StateBlock.RESUME))
            + "guest's instruction at %x: a fault of the translator; --translator off avoids it"
                .formatted(state.get(StateBlock.PAGE_BASE) + offset));
  }

  /** The instruction at a site is for the interpreter. */
  private void leaveBefore(int site) {
    cpu.rip = state.get(StateBlock.PAGE_BASE) + store.sites().ripOffset(site);
    long instructions = state.get(StateBlock.INSTRUCTIONS);
    state.set(StateBlock.INSTRUCTIONS, instructions - store.sites().uncounted(site));
  }

  /** RDTSC or RDTSCP; false if it is not allowed. */
  private boolean readTimeStamp(int site) {
    boolean denied = mode.view() == View.USER && (cpu.cr4 & Cr4.TSD) != 0;
    boolean withProcessor = store.sites().sizeBytes(site) != 0;
    boolean offered = cpu.level != null && !cpu.level.timeStampPasses(withProcessor);
    if (offered || denied || !cpu.absent.isEmpty()) {
      return false;
    }
    long now = ModelSpecificRegisters.timeStamp(cpu);
    state.set(StateBlock.GPR + 8 * Cpu.RAX, now & 0xFFFF_FFFFL);
    state.set(StateBlock.GPR + 8 * Cpu.RDX, now >>> 32);
    if (withProcessor) {
      state.set(StateBlock.GPR + 8 * Cpu.RCX, cpu.system.tscAux);
    }
    state.set(StateBlock.RESUME, store.executable(store.sites().position(site)));
    return true;
  }

  /** Follows what SYSCALL, SYSRET, STAC and CLAC did in translated code. */
  private void adoptMode() {
    int number = state.get32(StateBlock.MODE);
    boolean crossed = state.get32(StateBlock.CROSSED) != 0;
    if (number == mode.number() && !crossed) {
      return;
    }
    mode(TranslationMode.ALL[number]);
    cpu.systemFlags = cpu.systemFlags & ~Rflags.AC | state.get(StateBlock.SYSTEM_FLAGS) & Rflags.AC;
    if (crossed) {
      state.set32(StateBlock.CROSSED, 0);
      FastSystemCalls.crossed(cpu, mode.view() == View.USER ? 3 : 0);
    }
    cpu.mmu.modeChanged();
  }

  /** Where a jump goes: in 32-bit code it may have left the end of the address space. */
  private long target() {
    long target = state.get(StateBlock.TARGET);
    return mode.narrow() ? target & 0xFFFF_FFFFL : target;
  }

  private long exitRip() {
    return state.get(StateBlock.PAGE_BASE) + state.get32(StateBlock.RIP_OFFSET);
  }

  /** Host address of the code at a linear address; faults or exits if nothing can run there. */
  private long find(long rip) {
    if (rip << 16 >> 16 != rip) {
      throw cpu.fault(Vector.GP, 0);
    }
    cpu.mmu.locateCode(rip, found);
    int offset = (int) (rip & PAGE_MASK);
    long mfn = found.hpaPage >>> FramePool.FRAME_SHIFT;
    copies.meet(rip, found.global);
    foundPage = null;
    CodeFrame frame = frames.of(mfn, mode, store);
    if (store.crosses(frame.page, offset)) {
      return findCrossing(rip, mfn, offset);
    }
    int block = store.block(frame.page, rip, cpu.clock, counters);
    if (block == CodeStore.NONE) {
      changeStore();
      return find(rip);
    }
    foundPage = frame.page;
    long host = store.executable(block);
    frame.entered(jumps.put(rip, host, frame.page.number));
    return host;
  }

  /** As {@link #find}, for an instruction that ends in the page behind. */
  private long findCrossing(long rip, long mfn, int offset) {
    long next = (rip | PAGE_MASK) + 1;
    cpu.mmu.locateCode(next, found);
    long behindMfn = found.hpaPage >>> FramePool.FRAME_SHIFT;
    copies.meet(next, found.global);
    CodeFrame frame = frames.of(mfn, mode, store);
    CodeFrame behind = frames.of(behindMfn, mode, store);
    int block = store.crossing(frame.page, offset, behind.page, cpu.clock, counters);
    if (block == CodeStore.NONE) {
      changeStore();
      return findCrossing(rip, mfn, offset);
    }
    long host = store.executable(block);
    int place = jumps.put(rip, host, frame.page.number);
    frame.entered(place);
    behind.entered(place);
    return host;
  }

  /** Links a jump within a page to its target, and goes there. */
  private void chain(int site) {
    CodeStore of = store;
    int page = of.sites().page(site);
    cpu.rip = state.get(StateBlock.PAGE_BASE) + of.sites().ripOffset(site);
    goTo(cpu.rip, find(cpu.rip));
    if (store == of && foundPage != null && foundPage.number == page) {
      of.chain(site, foundPage);
    }
  }

  /** Links a jump to another page, and goes there. */
  private void crossing(int site) {
    CodeStore of = store;
    cpu.rip = target();
    goTo(cpu.rip, find(cpu.rip));
    if (store != of) {
      return;
    }
    if (foundPage != null) {
      of.link(site, foundPage);
    } else {
      of.lookUp(site, mode);
    }
  }

  /** Enters the page of a missed access into the TLB; false if the interpreter must see to it. */
  private boolean mend(int site, boolean write) {
    long linear = state.get(StateBlock.TARGET);
    if (store.sites().onlyReads(site)
        || linear << 16 >> 16 != linear
        || (linear & PAGE_MASK) + store.sites().sizeBytes(site) > FramePool.FRAME_BYTES) {
      return false;
    }
    long cr2 = cpu.cr2;
    try {
      if (!cpu.mmu.locate(linear, write, found) || !(write ? found.writable : found.readable)) {
        return false;
      }
    } catch (GuestFault | ExitSignal e) {
      cpu.cr2 = cr2;
      return false;
    }
    copies.fill(mode.view(), linear, found);
    return true;
  }
}
