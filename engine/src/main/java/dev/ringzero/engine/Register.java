package dev.ringzero.engine;

/** Registers of a vCPU that a monitor, debugger or trace names. All are 64 bits wide. */
public enum Register {
  RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8, R9, R10, R11, R12, R13, R14, R15,
  RIP, RFLAGS, CR0, CR2, CR3, CR4, CR8, XCR0, DR0, DR1, DR2, DR3, DR6, DR7;
}
