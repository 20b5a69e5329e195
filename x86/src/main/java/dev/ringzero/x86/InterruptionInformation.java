package dev.ringzero.x86;

/**
 * The format of interruption information: what an exit reports and an entry injects.
 *
 * @spec Intel SDM Vol. 3C, "VM-Exit Interruption Information"
 */
public final class InterruptionInformation {
  public static final int VECTOR = 0xFF;
  public static final int TYPE_SHIFT = 8;
  public static final int EXTERNAL_INTERRUPT = 0; // interruption types
  public static final int NMI = 2;
  public static final int HARDWARE_EXCEPTION = 3;
  public static final int SOFTWARE_INTERRUPT = 4;
  public static final int PRIVILEGED_SOFTWARE_EXCEPTION = 5; // INT1
  public static final int SOFTWARE_EXCEPTION = 6; // INT3, INTO
  public static final int OTHER_EVENT = 7; // on entry: a pending MTF exit
  public static final int ERROR_CODE_VALID = 1 << 11;
  public static final int VALID = 1 << 31;

  private InterruptionInformation() {}

  /** Information on an exception that the processor raised. */
  public static int exception(int vector, boolean hasErrorCode) {
    int code = hasErrorCode ? ERROR_CODE_VALID : 0;
    return vector | HARDWARE_EXCEPTION << TYPE_SHIFT | code | VALID;
  }
}
