package dev.ringzero.devices.pci;

/**
 * Advanced Error Reporting of a root port: which messages came from below, from whom, and which of
 * them interrupt.
 *
 * @spec PCI Express Base Specification 5.0, "Root Error Command Register", "Root Error Status
 *     Register"
 */
final class RootErrors {
  private static final int COMMAND = 0x2C;
  private static final int STATUS = 0x30;
  private static final int CORRECTABLE_SOURCE = 0x34;
  private static final int UNCORRECTABLE_SOURCE = 0x36;

  private static final int CORRECTABLE_ENABLE = 1 << 0;
  private static final int NON_FATAL_ENABLE = 1 << 1;
  private static final int FATAL_ENABLE = 1 << 2;

  private static final int CORRECTABLE = 1 << 0; // ERR_COR Received
  private static final int MORE_CORRECTABLE = 1 << 1;
  private static final int UNCORRECTABLE = 1 << 2; // ERR_FATAL/NONFATAL Received
  private static final int MORE_UNCORRECTABLE = 1 << 3;
  private static final int FIRST_FATAL = 1 << 4; // First Uncorrectable Fatal
  private static final int NON_FATAL = 1 << 5; // Non-Fatal Error Messages Received
  private static final int FATAL = 1 << 6; // Fatal Error Messages Received
  private static final int EVENTS = 0x7F;

  private final PciFunction function;
  private final ConfigSpace config;
  private final int offset;

  RootErrors(PciFunction function) {
    this.function = function;
    config = function.config();
    offset = ErrorReporting.addRegisters(function, ErrorReporting.BYTES);
    config.setWritable(offset + COMMAND, 4, CORRECTABLE_ENABLE | NON_FATAL_ENABLE | FATAL_ENABLE);
    config.setClearable(offset + STATUS, 4, EVENTS);
  }

  /** Notes a message. Under the port's lock. */
  void received(ErrorReporting.Message message) {
    switch (message.severity()) {
      case CORRECTABLE ->
          note(CORRECTABLE, MORE_CORRECTABLE, CORRECTABLE_SOURCE, 0, message.requesterId());
      case NON_FATAL ->
          note(
              UNCORRECTABLE,
              MORE_UNCORRECTABLE,
              UNCORRECTABLE_SOURCE,
              NON_FATAL,
              message.requesterId());
      case FATAL ->
          note(
              UNCORRECTABLE,
              MORE_UNCORRECTABLE,
              UNCORRECTABLE_SOURCE,
              status(UNCORRECTABLE) ? FATAL : FATAL | FIRST_FATAL,
              message.requesterId());
    }
  }

  private void note(int event, int more, int source, int kind, int requesterId) {
    int bits = kind | event;
    if (status(event)) {
      bits |= more;
    } else {
      config.set(offset + source, 2, requesterId);
    }
    config.set(offset + STATUS, 4, config.read(offset + STATUS, 4) | bits);
  }

  private boolean status(int event) {
    return (config.read(offset + STATUS, 4) & event) != 0;
  }

  /** Whether the port is to interrupt. */
  boolean wantsInterrupt() {
    synchronized (function) {
      long enabled = config.read(offset + COMMAND, 4);
      return (enabled & CORRECTABLE_ENABLE) != 0 && status(CORRECTABLE)
          || (enabled & NON_FATAL_ENABLE) != 0 && status(NON_FATAL)
          || (enabled & FATAL_ENABLE) != 0 && status(FATAL);
    }
  }
}
