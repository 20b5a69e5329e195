package dev.ringzero.cpu.vmx;

/**
 * Values of the activity-state field.
 *
 * @spec Intel SDM Vol. 3C, "Guest Non-Register State"
 */
final class Activity {
  static final int ACTIVE = 0;
  static final int HLT = 1;
  static final int SHUTDOWN = 2;
  static final int WAIT_FOR_SIPI = 3;

  private Activity() {}
}
