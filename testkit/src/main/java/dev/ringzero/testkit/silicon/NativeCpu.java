package dev.ringzero.testkit.silicon;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/**
 * Runs single instructions on the host's own processor, with a given state before, and tells the
 * state after. Exceptions (#DE, #UD, #GP, #PF, #MF, #XM, #BP) are results like any other. The
 * instruction runs at {@link #CODE}; two pages of memory lie at {@link #DATA} with unmapped pages
 * around them; wild jumps end in an exception.
 *
 * <p>There is one per JVM at a time, used by the thread that opened it.
 *
 * <p>Not modelled: FS and GS operands, TF and AC, hosts without AVX.
 */
public final class NativeCpu implements AutoCloseable {
  private static final int CODE_BYTES = 0x10000;
  private static final int PAGE = 4096;
  private static final int ALL_BYTES = CODE_BYTES + ProcessorState.MEMORY_BYTES + 2 * PAGE;

  /** First address of all this, the same from run to run where the JVM leaves it free. */
  private static final long REGION = Host.reserve(ALL_BYTES);

  private static final long STATE = REGION + 0x3000;
  private static final int SEQUENCE_BYTES = 0x1800;

  /** Address at which the instruction runs; the page is filled with INT3. */
  public static final long CODE = REGION + 0x1800;

  /** Address of the two pages of memory. */
  public static final long DATA = REGION + CODE_BYTES + PAGE;

  private static final long SIGNAL_STACK = REGION + 0x4000;
  private static final int SIGNAL_STACK_BYTES = CODE_BYTES - 0x4000;
  private static final int[] SIGNALS = {4, 5, 7, 8, 11}; // ILL, TRAP, BUS, FPE, SEGV

  // Offsets in the FXSAVE image.
  private static final int FCW = 0, FSW = 2, FTW = 4, FOP = 6, FIP = 8, FDP = 16, MXCSR = 24;
  private static final int ST = 32, XMM = 160, XSTATE_BV = 512, YMM_HIGH = 576;

  private static final MemorySegment MEMORY = MemorySegment.NULL.reinterpret(1L << 47);
  private static final byte INT3 = (byte) 0xCC;
  private static final byte HLT = (byte) 0xF4;

  private final MemorySegment[] oldActions = new MemorySegment[SIGNALS.length];
  private final MethodHandle enter;
  private final MethodHandle enterNarrow;
  private final long exitStub;
  private final Thread thread = Thread.currentThread();

  /** Why this host cannot do it, in one line; empty where it can. */
  public static Optional<String> whyNot() {
    if (!System.getProperty("os.arch").equals("amd64")
        || !System.getProperty("os.name").equals("Linux")) {
      return Optional.of("silicon tests run on x86-64 Linux only");
    }
    if (!NativeCpu.class.getModule().isNativeAccessEnabled()) {
      return Optional.of("silicon tests need --enable-native-access=ALL-UNNAMED");
    }
    return HostProcessor.features().contains("avx")
        ? Optional.empty()
        : Optional.of("silicon tests need a host with AVX");
  }

  public NativeCpu() {
    Host.protect(REGION, CODE_BYTES, Host.PROT_ALL);
    Host.protect(DATA, ProcessorState.MEMORY_BYTES, Host.PROT_READ_WRITE);
    MEMORY.asSlice(REGION, 0x3000).fill(INT3);
    Trampoline code = new Trampoline(MEMORY, REGION, STATE);
    exitStub = code.emitExit();
    long entry = code.emitEnter(CODE);
    enter = Host.code(MemorySegment.ofAddress(entry));
    enterNarrow = Host.code(MemorySegment.ofAddress(code.emitEnterNarrow(CODE)));
    for (int n = 0; n < SIGNALS.length; n++) {
      oldActions[n] = Host.action(SIGNALS[n]);
      long oldHandler = oldActions[n].get(JAVA_LONG_UNALIGNED, 0);
      Host.handle(SIGNALS[n], oldActions[n], code.emitHandler(oldHandler, exitStub));
    }
    Host.alternateStack(SIGNAL_STACK, SIGNAL_STACK_BYTES);
  }

  @Override
  public void close() {
    Host.alternateStack(0, 0);
    for (int n = 0; n < SIGNALS.length; n++) {
      Host.sigaction(SIGNALS[n], oldActions[n], MemorySegment.NULL);
    }
    Host.protect(REGION, ALL_BYTES, 0);
  }

  /** Runs one instruction at {@link #CODE} on this state, which becomes the state after it. */
  public void run(byte[] instruction, int length, ProcessorState state) {
    if (Thread.currentThread() != thread) {
      throw new IllegalStateException("used by a thread that did not open it");
    }
    MEMORY.asSlice(CODE, 32).fill(INT3);
    MemorySegment.copy(instruction, 0, MEMORY, JAVA_BYTE, CODE, length);
    MEMORY.set(JAVA_BYTE, CODE + length, (byte) 0xE9); // JMP rel32
    MEMORY.set(JAVA_INT_UNALIGNED, CODE + length + 1, (int) (exitStub - (CODE + length + 5)));
    load(state);
    try {
      enter.invokeExact();
    } catch (Throwable t) {
      throw new IllegalStateException(t);
    }
    store(state, length);
  }

  /**
   * Runs a sequence of instructions at {@link #CODE}, which may reach over the end of its page and
   * may be written by itself, until it comes to its end, raises an exception or leaves it. HLTs,
   * which a user may not run, lie behind it.
   *
   * @param codeSize 64, or 32 for compatibility mode, in which only the lower halves of the first
   *     eight registers afterwards mean something
   */
  public void runSequence(byte[] sequence, int codeSize, ProcessorState state) {
    if (Thread.currentThread() != thread) {
      throw new IllegalStateException("used by a thread that did not open it");
    }
    int length = sequence.length;
    MemorySegment.copy(sequence, 0, MEMORY, JAVA_BYTE, CODE, length);
    MEMORY.asSlice(REGION + PAGE, CODE - REGION - PAGE).fill(HLT);
    MEMORY.asSlice(CODE + length, SEQUENCE_BYTES - length).fill(HLT);
    load(state);
    try {
      if (codeSize == 64) {
        enter.invokeExact();
      } else {
        enterNarrow.invokeExact();
      }
    } catch (Throwable t) {
      throw new IllegalStateException(t);
    }
    store(state, length);
    long rip = state.rip;
    if (state.exception < 0 && rip >= CODE && rip < CODE + length) {
      storeException(state);
    }
    MemorySegment.copy(MEMORY, JAVA_BYTE, CODE, sequence, 0, length);
  }

  private static void load(ProcessorState state) {
    for (int r = 0; r < 16; r++) {
      MEMORY.set(JAVA_LONG_UNALIGNED, STATE + Trampoline.GPR + 8 * r, state.gpr[r]);
    }
    MEMORY.set(JAVA_LONG_UNALIGNED, STATE + Trampoline.FLAGS, state.flags | 2);
    MEMORY.set(JAVA_LONG_UNALIGNED, STATE + Trampoline.SIGNAL, 0);
    long image = STATE + Trampoline.XSAVE;
    MEMORY.set(JAVA_SHORT_UNALIGNED, image + FCW, (short) state.controlWord);
    MEMORY.set(JAVA_SHORT_UNALIGNED, image + FSW, (short) state.statusWord);
    MEMORY.set(JAVA_SHORT_UNALIGNED, image + FTW, (short) state.abridgedTag);
    MEMORY.set(JAVA_SHORT_UNALIGNED, image + FOP, (short) state.opcode);
    MEMORY.set(JAVA_LONG_UNALIGNED, image + FIP, state.instructionPointer);
    MEMORY.set(JAVA_LONG_UNALIGNED, image + FDP, state.dataPointer);
    MEMORY.set(JAVA_INT_UNALIGNED, image + MXCSR, state.mxcsr);
    for (int n = 0; n < 8; n++) {
      MEMORY.set(JAVA_LONG_UNALIGNED, image + ST + 16 * n, state.significand[n]);
      MEMORY.set(JAVA_LONG_UNALIGNED, image + ST + 16 * n + 8, state.signExponent[n]);
    }
    for (int n = 0; n < 16; n++) {
      MEMORY.set(JAVA_LONG_UNALIGNED, image + XMM + 16 * n, state.vector[4 * n]);
      MEMORY.set(JAVA_LONG_UNALIGNED, image + XMM + 16 * n + 8, state.vector[4 * n + 1]);
      MEMORY.set(JAVA_LONG_UNALIGNED, image + YMM_HIGH + 16 * n, state.vector[4 * n + 2]);
      MEMORY.set(JAVA_LONG_UNALIGNED, image + YMM_HIGH + 16 * n + 8, state.vector[4 * n + 3]);
    }
    MEMORY.asSlice(image + XSTATE_BV, 64).fill((byte) 0);
    MEMORY.set(JAVA_LONG_UNALIGNED, image + XSTATE_BV, 7);
    MemorySegment.copy(state.memory, 0, MEMORY, JAVA_BYTE, DATA, state.memory.length);
  }

  private static void store(ProcessorState state, int length) {
    for (int r = 0; r < 16; r++) {
      state.gpr[r] = MEMORY.get(JAVA_LONG_UNALIGNED, STATE + Trampoline.GPR + 8 * r);
    }
    state.flags = MEMORY.get(JAVA_LONG_UNALIGNED, STATE + Trampoline.FLAGS);
    long image = STATE + Trampoline.XSAVE;
    state.controlWord = MEMORY.get(JAVA_SHORT_UNALIGNED, image + FCW) & 0xFFFF;
    state.statusWord = MEMORY.get(JAVA_SHORT_UNALIGNED, image + FSW) & 0xFFFF;
    state.abridgedTag = MEMORY.get(JAVA_BYTE, image + FTW) & 0xFF;
    state.opcode = MEMORY.get(JAVA_SHORT_UNALIGNED, image + FOP) & 0xFFFF;
    state.instructionPointer = MEMORY.get(JAVA_LONG_UNALIGNED, image + FIP);
    state.dataPointer = MEMORY.get(JAVA_LONG_UNALIGNED, image + FDP);
    state.mxcsr = MEMORY.get(JAVA_INT_UNALIGNED, image + MXCSR);
    for (int n = 0; n < 8; n++) {
      state.significand[n] = MEMORY.get(JAVA_LONG_UNALIGNED, image + ST + 16 * n);
      state.signExponent[n] = MEMORY.get(JAVA_SHORT_UNALIGNED, image + ST + 16 * n + 8) & 0xFFFF;
    }
    for (int n = 0; n < 16; n++) {
      state.vector[4 * n] = MEMORY.get(JAVA_LONG_UNALIGNED, image + XMM + 16 * n);
      state.vector[4 * n + 1] = MEMORY.get(JAVA_LONG_UNALIGNED, image + XMM + 16 * n + 8);
      state.vector[4 * n + 2] = MEMORY.get(JAVA_LONG_UNALIGNED, image + YMM_HIGH + 16 * n);
      state.vector[4 * n + 3] = MEMORY.get(JAVA_LONG_UNALIGNED, image + YMM_HIGH + 16 * n + 8);
    }
    MemorySegment.copy(MEMORY, JAVA_BYTE, DATA, state.memory, 0, state.memory.length);
    storeOutcome(state, length);
  }

  private static void storeOutcome(ProcessorState state, int length) {
    state.exception = -1;
    state.errorCode = 0;
    state.faultAddress = 0;
    state.rip = CODE + length;
    if (MEMORY.get(JAVA_LONG_UNALIGNED, STATE + Trampoline.SIGNAL) == 0) {
      return;
    }
    int breakpoint = 3;
    long rip = MEMORY.get(JAVA_LONG_UNALIGNED, STATE + Trampoline.FAULT_RIP);
    int vector = (int) MEMORY.get(JAVA_LONG_UNALIGNED, STATE + Trampoline.FAULT_VECTOR);
    if (vector == breakpoint && rip != CODE + length) {
      state.rip = rip - 1; // a branch that reached the INT3 filling
      return;
    }
    state.rip = rip;
    if (rip != CODE && vector != breakpoint) {
      return; // a branch to where nothing can run
    }
    storeException(state);
  }

  private static void storeException(ProcessorState state) {
    int pageFault = 14;
    int vector = (int) MEMORY.get(JAVA_LONG_UNALIGNED, STATE + Trampoline.FAULT_VECTOR);
    state.exception = vector;
    state.errorCode = MEMORY.get(JAVA_LONG_UNALIGNED, STATE + Trampoline.FAULT_CODE);
    if (vector == pageFault) {
      state.faultAddress = MEMORY.get(JAVA_LONG_UNALIGNED, STATE + Trampoline.FAULT_ADDRESS);
    }
  }
}
