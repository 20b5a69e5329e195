package dev.ringzero.testkit.silicon;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.MemorySegment;

/**
 * Emits the machine code around an instruction under test: load the whole state, run, store the
 * whole state; and the signal handler that turns an exception into the same way out. All addresses
 * are below 2 GiB, so that the state is reached by 32-bit displacements and no register is lost.
 */
final class Trampoline {
  // Offsets in the state block.
  static final int GPR = 0;
  static final int FLAGS = 128;
  static final int SIGNAL = 152;
  static final int FAULT_RIP = 160;
  static final int FAULT_VECTOR = 168;
  static final int FAULT_CODE = 176;
  static final int FAULT_ADDRESS = 184;
  static final int XSAVE = 256;

  // Linux's selectors.
  private static final int USER32_CS = 0x23, USER_DS = 0x2B, USER_CS = 0x33;

  private static final int HOST_RSP = 136;
  private static final int RUNNING = 144;
  private static final int HOST_MXCSR = 192;
  private static final int HOST_FCW = 196;

  // Offsets in the ucontext structure.
  private static final int UC_RIP = 168, UC_CS = 184, UC_ERR = 192, UC_TRAPNO = 200, UC_CR2 = 216;

  private final MemorySegment memory;
  private final long state;
  private long at;

  Trampoline(MemorySegment memory, long at, long state) {
    this.memory = memory;
    this.at = at;
    this.state = state;
  }

  /** Emits the function that loads the state and jumps to the instruction. */
  long emitEnter(long instruction) {
    final long start = at;
    load();
    bytes(0xE9); // JMP rel32
    dword((int) (instruction - (at + 4)));
    return start;
  }

  /** The same for 32-bit code: with Linux's segments for compatibility mode. */
  long emitEnterNarrow(long instruction) {
    final long target = at;
    dword((int) instruction);
    bytes(USER32_CS, 0);
    final long start = at;
    bytes(0xB8, USER_DS, 0, 0, 0); // MOV EAX, imm32
    bytes(0x8E, 0xD8, 0x8E, 0xC0); // MOV DS, EAX; MOV ES, EAX
    load();
    bytes(0xFF, 0x2C, 0x25); // JMP FAR m16:32
    dword((int) target);
    return start;
  }

  private void load() {
    bytes(0x53, 0x55, 0x41, 0x54, 0x41, 0x55, 0x41, 0x56, 0x41, 0x57); // PUSH callee-saved
    field(HOST_RSP, 0x48, 0x89, 0x24, 0x25); // MOV [field], RSP
    field(HOST_MXCSR, 0x0F, 0xAE, 0x1C, 0x25); // STMXCSR
    field(HOST_FCW, 0xD9, 0x3C, 0x25); // FNSTCW
    bytes(0x64, 0x48, 0x8B, 0x04, 0x25, 0, 0, 0, 0); // MOV RAX, FS:[0]: names this thread
    field(RUNNING, 0x48, 0x89, 0x04, 0x25); // MOV [field], RAX
    bytes(0xB8, 7, 0, 0, 0, 0x31, 0xD2); // MOV EAX, 7; XOR EDX, EDX
    field(XSAVE, 0x48, 0x0F, 0xAE, 0x2C, 0x25); // XRSTOR64
    field(FLAGS, 0xFF, 0x34, 0x25); // PUSH qword [field]
    bytes(0x9D); // POPFQ
    moveRegisters(0x8B);
  }

  /** Emits the way out, to which the instruction continues. */
  long emitExit() {
    final long start = at;
    moveRegisters(0x89);
    field(HOST_RSP, 0x48, 0x8B, 0x24, 0x25); // MOV RSP, [field]
    bytes(0x9C); // PUSHFQ
    field(FLAGS, 0x8F, 0x04, 0x25); // POP qword [field]
    bytes(0xFC); // CLD
    bytes(0xB8, 7, 0, 0, 0, 0x31, 0xD2); // MOV EAX, 7; XOR EDX, EDX
    field(XSAVE, 0x48, 0x0F, 0xAE, 0x24, 0x25); // XSAVE64
    bytes(0xDB, 0xE3); // FNINIT
    field(HOST_FCW, 0xD9, 0x2C, 0x25); // FLDCW
    field(HOST_MXCSR, 0x0F, 0xAE, 0x14, 0x25); // LDMXCSR
    bytes(0xC5, 0xF8, 0x77); // VZEROUPPER
    bytes(0x31, 0xC0); // XOR EAX, EAX
    field(RUNNING, 0x48, 0x89, 0x04, 0x25); // MOV [field], RAX
    bytes(0x41, 0x5F, 0x41, 0x5E, 0x41, 0x5D, 0x41, 0x5C, 0x5D, 0x5B, 0xC3); // POP …; RET
    return start;
  }

  /**
   * Emits a signal handler: if the thread is between enter and exit, notes the exception and
   * continues at {@code exit}; else goes to the handler that was there before.
   */
  long emitHandler(long oldHandler, long exit) {
    final long start = at;
    bytes(0x64, 0x48, 0x8B, 0x04, 0x25, 0, 0, 0, 0); // MOV RAX, FS:[0]
    field(RUNNING, 0x48, 0x3B, 0x04, 0x25); // CMP RAX, [field]
    bytes(0x74, 12); // JE over the next two
    bytes(0x48, 0xB8); // MOV RAX, imm64
    qword(oldHandler);
    bytes(0xFF, 0xE0); // JMP RAX
    field(SIGNAL, 0x48, 0x89, 0x3C, 0x25); // MOV [field], RDI
    note(UC_RIP, FAULT_RIP);
    note(UC_TRAPNO, FAULT_VECTOR);
    note(UC_ERR, FAULT_CODE);
    note(UC_CR2, FAULT_ADDRESS);
    bytes(0xB8); // MOV EAX, imm32
    dword((int) exit);
    bytes(0x48, 0x89, 0x82); // MOV [RDX + UC_RIP], RAX
    dword(UC_RIP);
    bytes(0x66, 0xC7, 0x82); // MOV word [RDX + UC_CS], imm16: it may have been 32-bit code
    dword(UC_CS);
    bytes(USER_CS, 0);
    bytes(0xC3);
    return start;
  }

  private void note(int contextOffset, int stateField) {
    bytes(0x48, 0x8B, 0x82); // MOV RAX, [RDX + offset]
    dword(contextOffset);
    field(stateField, 0x48, 0x89, 0x04, 0x25); // MOV [field], RAX
  }

  /** MOV between each general register and its field; 8B loads, 89 stores. */
  private void moveRegisters(int opcode) {
    for (int r = 0; r < 16; r++) {
      field(GPR + 8 * r, r < 8 ? 0x48 : 0x4C, opcode, (r & 7) << 3 | 4, 0x25);
    }
  }

  private void field(int offset, int... opcode) {
    bytes(opcode);
    dword((int) (state + offset));
  }

  private void bytes(int... values) {
    for (int value : values) {
      memory.set(JAVA_BYTE, at++, (byte) value);
    }
  }

  private void dword(int value) {
    memory.set(JAVA_INT_UNALIGNED, at, value);
    at += 4;
  }

  private void qword(long value) {
    memory.set(JAVA_LONG_UNALIGNED, at, value);
    at += 8;
  }
}
