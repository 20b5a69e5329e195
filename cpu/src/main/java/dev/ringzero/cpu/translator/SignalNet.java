package dev.ringzero.cpu.translator;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * What catches a processor exception in translated code, which none should raise: handlers of the
 * host's signals, emitted as code themselves, that lead the thread to the way out if it was in the
 * region of translated code, and else jump to the handler that was there before, the JVM's. So a
 * fault of the translator ends one machine with a message, not the JVM.
 *
 * <p>Not modelled: an exception while translated code runs on a broken host stack pointer.
 */
final class SignalNet {
  private static final int[] SIGNALS = {4, 7, 8, 11}; // ILL, BUS, FPE, SEGV

  // Offsets in the ucontext structure (Linux, x86-64).
  private static final int UC_RIP = 168, UC_TRAPNO = 200, UC_CR2 = 216;

  private static final int HANDLER_BYTES = 128;
  private static final int PAGE_BYTES = 4096;

  private static boolean spread;

  private SignalNet() {}

  /** Puts the handlers in place, once; they stay as long as the JVM. */
  static synchronized void spread() {
    if (spread || !CodeRegion.exists()) {
      return;
    }
    spread = true;
    MemorySegment memory = HostCode.mapCode(PAGE_BYTES);
    Assembler code = new Assembler();
    code.begin(0);
    for (int n = 0; n < SIGNALS.length; n++) {
      MemorySegment old = HostCode.signalAction(SIGNALS[n]);
      code.position(n * HANDLER_BYTES);
      emit(code, old.get(ValueLayout.JAVA_LONG, 0));
    }
    MemorySegment.copy(
        code.written(), 0, memory, ValueLayout.JAVA_BYTE, 0, Math.min(code.length(), PAGE_BYTES));
    HostCode.makeExecutable(memory);
    for (int n = 0; n < SIGNALS.length; n++) {
      HostCode.handleSignal(SIGNALS[n], memory.address() + n * HANDLER_BYTES);
    }
  }

  /** The handler {@code void f(int signal, siginfo_t *, ucontext_t *)}. */
  private static void emit(Assembler code, long oldHandler) {
    loadContext(code, UC_RIP);
    code.bytes(0x48, 0xB9); // mov rcx, first
    code.qword(CodeRegion.first());
    code.bytes(0x48, 0x29, 0xC8); // sub rax, rcx
    code.bytes(0x48, 0xB9); // mov rcx, size
    code.qword(CodeRegion.SIZE_BYTES);
    code.bytes(0x48, 0x39, 0xC8); // cmp rax, rcx
    code.bytes(0x72, 12); // jb over the next two
    code.bytes(0x48, 0xB8); // mov rax, the old handler
    code.qword(oldHandler);
    code.bytes(0xFF, 0xE0); // jmp rax
    loadContext(code, UC_RIP);
    code.store(Assembler.RAX, StateBlock.TARGET);
    loadContext(code, UC_TRAPNO);
    code.store(Assembler.RAX, StateBlock.SITE);
    loadContext(code, UC_CR2);
    code.store(Assembler.RAX, StateBlock.RESUME);
    code.load(Assembler.RAX, StateBlock.FAULT_EXIT);
    code.bytes(0x48, 0x89, 0x82); // mov [rdx + UC_RIP], rax
    code.dword(UC_RIP);
    code.bytes(0xC3);
  }

  private static void loadContext(Assembler code, int offset) {
    code.bytes(0x48, 0x8B, 0x82); // mov rax, [rdx + offset]
    code.dword(offset);
  }
}
