package dev.ringzero.kvm;

import dev.ringzero.engine.Register;
import dev.ringzero.engine.VmExit;

/** An RDMSR or WRMSR that the monitor answers, and KVM waits to complete. */
final class MsrAccess {
  private static final int INSTRUCTION_BYTES = 2;
  private static final long LOW_HALF = 0xFFFF_FFFFL;

  private final KvmFile file;
  private final RunPage page;
  private final KvmRegisters registers;
  private boolean waits;

  MsrAccess(KvmFile file, RunPage page, KvmRegisters registers) {
    this.file = file;
    this.page = page;
    this.registers = registers;
  }

  void begin(VmExit exit) {
    exit.qualification = page.msrIndex() & LOW_HALF;
    exit.instructionLength = INSTRUCTION_BYTES;
    waits = true;
  }

  boolean waits() {
    return waits;
  }

  /** KVM itself moves the value and RIP, or raises #GP, at an entry that returns at once. */
  void complete(boolean refused) {
    if (!waits) {
      return;
    }
    waits = false;
    long value = registers.read(Register.RDX) << 32 | registers.read(Register.RAX) & LOW_HALF;
    page.msrRefused(refused);
    page.msrData(value);
    registers.enter();
    page.immediateExit(true);
    file.attempt(Ioctl.KVM_RUN, 0);
    page.forgetReadiness();
  }
}
