package dev.ringzero.vmm.xen;

/**
 * A hypercall's refusal: what the guest gets as its result. Stackless.
 *
 * @spec Xen public/errno.h
 */
final class XenError extends RuntimeException {
  private static final long serialVersionUID = 1L;

  static final XenError PERMISSION = new XenError(-1);
  static final XenError NO_ENTRY = new XenError(-2);
  static final XenError NO_MEMORY = new XenError(-12);
  static final XenError FAULT = new XenError(-14);
  static final XenError BUSY = new XenError(-16);
  static final XenError EXISTS = new XenError(-17);
  static final XenError INVALID = new XenError(-22);
  static final XenError NO_SPACE = new XenError(-28);
  static final XenError NO_SYSTEM_CALL = new XenError(-38);

  final int number;

  private XenError(int number) {
    super("Xen error " + number, null, false, false);
    this.number = number;
  }
}
