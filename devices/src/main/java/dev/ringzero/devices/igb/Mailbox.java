package dev.ringzero.devices.igb;

/**
 * The mailboxes between the physical function and the virtual ones: 64 bytes each, locks and flags.
 * What the messages say is the drivers' business.
 *
 * @spec Intel 82576EB Gigabit Ethernet Controller Datasheet, "SW Implementation Requirements for
 *     IOV", "PF to VF Mailbox"
 */
final class Mailbox {
  private static final int TO_STATUS = 1 << 0; // P2VMAILBOX: STS, a message for the VF
  private static final int TO_ACKNOWLEDGE = 1 << 1; // P2VMAILBOX: ACK
  private static final int BY_VF = 1 << 2; // both: VFU, the memory is taken by the VF
  private static final int BY_PF = 1 << 3; // both: PFU, the memory is taken by the PF
  private static final int TAKE_FROM_VF = 1 << 4; // P2VMAILBOX: RVFU

  private static final int REQUEST = 1 << 0; // V2PMAILBOX: REQ, a message for the PF
  private static final int ACKNOWLEDGE = 1 << 1; // V2PMAILBOX: ACK
  private static final int PF_STATUS = 1 << 4; // V2PMAILBOX: PFSTS
  private static final int PF_ACKNOWLEDGED = 1 << 5; // V2PMAILBOX: PFACK
  private static final int RESETTING = 1 << 6; // V2PMAILBOX: RSTI
  private static final int RESET_DONE = 1 << 7; // V2PMAILBOX: RSTD
  private static final int CLEARED_BY_READING = PF_STATUS | PF_ACKNOWLEDGED | RESET_DONE;

  private static final int ACKNOWLEDGED_SHIFT = 16; // MBVFICR

  private final RegisterFile registers;
  private final Interrupts interrupts;

  Mailbox(RegisterFile registers, Interrupts interrupts) {
    this.registers = registers;
    this.interrupts = interrupts;
  }

  /** The physical function was reset: no mailbox works until its driver says so. */
  synchronized void reset() {
    for (int function = 0; function < Controller.POOLS; function++) {
      registers.set(toVf(function), 0);
      registers.set(fromVf(function), RESETTING);
    }
    registers.set(Register.MBVFICR, 0);
    registers.set(Register.VFLRE, 0);
  }

  /** The driver of the physical function is done with a reset. */
  synchronized void resetDone() {
    for (int function = 0; function < Controller.POOLS; function++) {
      registers.clearBits(fromVf(function), RESETTING);
      registers.setBits(fromVf(function), RESET_DONE);
    }
  }

  /** A virtual function was reset. */
  void functionReset(int function) {
    synchronized (this) {
      registers.setBits(Register.VFLRE, 1 << function);
      registers.clearBits(fromVf(function), BY_VF | PF_STATUS | PF_ACKNOWLEDGED);
      registers.clearBits(toVf(function), BY_VF);
    }
    interrupts.cause(Cause.VMMB);
  }

  private static int toVf(int function) {
    return Register.P2VMAILBOX + 4 * function;
  }

  private static int fromVf(int function) {
    return Register.V2PMAILBOX + 4 * function;
  }

  void writeByPf(int function, int value) {
    boolean tell = (value & (TO_STATUS | TO_ACKNOWLEDGE)) != 0;
    synchronized (this) {
      registers.setBits(
          fromVf(function),
          ((value & TO_STATUS) != 0 ? PF_STATUS : 0)
              | ((value & TO_ACKNOWLEDGE) != 0 ? PF_ACKNOWLEDGED : 0));
      take(function, value, BY_PF, BY_VF);
      if ((value & TAKE_FROM_VF) != 0) {
        registers.clearBits(fromVf(function), BY_VF);
        registers.clearBits(toVf(function), BY_VF);
        registers.clearBits(Register.MBVFICR, 1 << function | 1 << ACKNOWLEDGED_SHIFT + function);
      }
    }
    if (tell) {
      interrupts.mailbox(function);
    }
  }

  void writeByVf(int function, int value) {
    int causes =
        ((value & REQUEST) != 0 ? 1 << function : 0)
            | ((value & ACKNOWLEDGE) != 0 ? 1 << ACKNOWLEDGED_SHIFT + function : 0);
    synchronized (this) {
      registers.setBits(Register.MBVFICR, causes);
      take(function, value, BY_VF, BY_PF);
    }
    if (causes != 0) {
      interrupts.cause(Cause.VMMB);
    }
  }

  /** Takes the memory unless the other has it, or gives it back. */
  private void take(int function, int value, int mine, int others) {
    boolean wanted = (value & mine) != 0;
    if (wanted && !registers.has(toVf(function), others)) {
      registers.setBits(toVf(function), mine);
      registers.setBits(fromVf(function), mine);
    } else if (!wanted) {
      registers.clearBits(toVf(function), mine);
      registers.clearBits(fromVf(function), mine);
    }
  }

  synchronized int readByVf(int function) {
    int value = registers.get(fromVf(function));
    registers.clearBits(fromVf(function), CLEARED_BY_READING);
    return value;
  }
}
