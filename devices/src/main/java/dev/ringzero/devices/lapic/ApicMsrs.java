package dev.ringzero.devices.lapic;

/**
 * The model-specific registers of a local APIC: its base address, the TSC deadline, and in x2APIC
 * mode all its registers. Called on the processor's thread.
 *
 * @spec Intel SDM Vol. 3A, "Extended XAPIC (x2APIC)"
 */
public final class ApicMsrs {
  public static final int IA32_APIC_BASE = 0x1B;
  public static final int IA32_TSC_DEADLINE = 0x6E0;

  private static final int X2APIC_MASK = ~0xFF;
  private static final long COMMAND_RESERVED = 0xFFF3_2000L;
  private static final long SELF_SHORTHAND = 1L << 18;

  private final LocalApic apic;

  ApicMsrs(LocalApic apic) {
    this.apic = apic;
  }

  private static boolean isX2Apic(int index) {
    return (index & X2APIC_MASK) == ApicRegister.X2APIC_MSR;
  }

  /** Whether the MSR is here and can be read now; else RDMSR raises #GP. */
  public boolean canRead(int index) {
    return isX2Apic(index)
        ? apic.isX2Apic() && isReadable(index & 0xFF)
        : index == IA32_APIC_BASE || index == IA32_TSC_DEADLINE;
  }

  private static boolean isReadable(int register) {
    return switch (register) {
      case ApicRegister.ID,
          ApicRegister.VERSION,
          ApicRegister.TPR,
          ApicRegister.PPR,
          ApicRegister.LDR,
          ApicRegister.SVR,
          ApicRegister.ESR,
          ApicRegister.ICR_LOW,
          ApicRegister.INITIAL_COUNT,
          ApicRegister.CURRENT_COUNT,
          ApicRegister.DIVIDE ->
          true;
      default ->
          register >= ApicRegister.ISR && register < ApicRegister.ESR
              || register >= ApicRegister.LVT_TIMER && register <= ApicRegister.LVT_ERROR;
    };
  }

  /** Reads an MSR for which {@link #canRead} holds. */
  public long read(int index) {
    return switch (index) {
      case IA32_APIC_BASE -> apic.base();
      case IA32_TSC_DEADLINE -> apic.tscDeadline();
      case ApicRegister.X2APIC_MSR + ApicRegister.ICR_LOW -> apic.interruptCommand();
      default -> apic.readRegister(index & 0xFF) & 0xFFFF_FFFFL;
    };
  }

  /**
   * Writes an MSR.
   *
   * @return false if WRMSR raises #GP, also for one that is not here
   */
  public boolean write(int index, long value) {
    return switch (index) {
      case IA32_APIC_BASE -> apic.writeBase(value);
      case IA32_TSC_DEADLINE -> {
        apic.tscDeadline(value);
        yield true;
      }
      default -> isX2Apic(index) && apic.isX2Apic() && writeX2Apic(index & 0xFF, value);
    };
  }

  private boolean writeX2Apic(int register, long value) {
    boolean allowed = isAllowed(register, value);
    if (allowed) {
      switch (register) {
        case ApicRegister.ICR_LOW -> apic.sendX2Apic(value);
        case ApicRegister.SELF_IPI -> apic.send(SELF_SHORTHAND | ApicMessage.ASSERT | value);
        default -> apic.writeCommon(register, (int) value);
      }
    }
    return allowed;
  }

  /** Whether the register can be written, and no reserved bit is set. */
  private static boolean isAllowed(int register, long value) {
    return switch (register) {
      case ApicRegister.ICR_LOW -> (value & COMMAND_RESERVED) == 0;
      case ApicRegister.SELF_IPI, ApicRegister.TPR -> (value & ~0xFFL) == 0;
      case ApicRegister.EOI, ApicRegister.ESR -> value == 0;
      case ApicRegister.SVR, ApicRegister.INITIAL_COUNT, ApicRegister.DIVIDE -> value >>> 32 == 0;
      default -> {
        int entry = register - ApicRegister.LVT_TIMER;
        yield entry >= 0
            && entry < LocalVectorTable.ENTRIES
            && !LocalVectorTable.isReserved(entry, value);
      }
    };
  }
}
