package dev.ringzero.devices.pci;

import java.util.function.Consumer;

/**
 * Advanced Error Reporting of an endpoint: status, mask and severity of errors, and the header of
 * the first one. What is not masked goes as a message to the port above.
 *
 * <p>Not modelled: registers that outlive a reset of the function, multiple headers, configuration
 * requests to functions that are not there. The other errors cannot come about: every request is
 * completed at once (no timeout, nothing unexpected), memory has no parity (nothing poisoned), no
 * register refuses an access (no abort by the completer), and there is no link that could fail.
 *
 * @spec PCI Express Base Specification 5.0, "Advanced Error Reporting Extended Capability", "Error
 *     Signaling and Logging"
 */
public final class ErrorReporting {
  private static final int ID = 0x0001;
  private static final int VERSION = 2;
  static final int BYTES = 0x48;

  static final int UNCORRECTABLE_STATUS = 0x04;
  static final int UNCORRECTABLE_MASK = 0x08;
  static final int UNCORRECTABLE_SEVERITY = 0x0C;
  static final int CORRECTABLE_STATUS = 0x10;
  static final int CORRECTABLE_MASK = 0x14;
  static final int CAPABILITIES = 0x18;
  static final int HEADER_LOG = 0x1C;

  private static final int UNCORRECTABLE = 0x007F_F030;
  private static final int FATAL_AT_FIRST = 0x0046_2030;
  private static final int CORRECTABLE = 0x0000_F1C1;
  private static final int FIRST_ERROR = 0x1F; // First Error Pointer
  private static final int UNSUPPORTED_REQUEST = 20; // number of the bit
  private static final int ADVISORY_NON_FATAL = 1 << 13;

  private static final int CORRECTABLE_DETECTED = 1 << 0; // Device Status, and enabled in Control
  private static final int NON_FATAL_DETECTED = 1 << 1; // likewise
  private static final int FATAL_DETECTED = 1 << 2; // likewise
  private static final int UNSUPPORTED_DETECTED = 1 << 3; // likewise

  private static final int MEMORY_READ = 0x00; // Fmt and Type of headers of three doublewords
  private static final int MEMORY_WRITE = 0x40;
  private static final int FOUR_DOUBLEWORDS = 0x20;

  private final PciFunction function;
  private final ConfigSpace config;
  private final int express;
  private final int offset;
  private volatile Consumer<Message> port = message -> {};

  /** What a function tells the port above. */
  record Message(Severity severity, int requesterId) {}

  /** The three kinds of error messages. */
  enum Severity {
    CORRECTABLE,
    NON_FATAL,
    FATAL
  }

  private ErrorReporting(PciFunction function, int express) {
    this.function = function;
    this.express = express;
    config = function.config();
    offset = addRegisters(function, BYTES);
  }

  /**
   * Adds the capability to an endpoint.
   *
   * @param express offset of its PCI Express capability
   */
  public static void add(PciFunction function, int express) {
    function.report(new ErrorReporting(function, express));
  }

  /** Adds the registers that endpoints and ports have; gives their offset. */
  static int addRegisters(PciFunction function, int lengthBytes) {
    ConfigSpace config = function.config();
    int offset = function.addExtendedCapability(ID, VERSION, lengthBytes);
    config.setClearable(offset + UNCORRECTABLE_STATUS, 4, UNCORRECTABLE);
    config.setWritable(offset + UNCORRECTABLE_MASK, 4, UNCORRECTABLE);
    config.set(offset + UNCORRECTABLE_SEVERITY, 4, FATAL_AT_FIRST);
    config.setWritable(offset + UNCORRECTABLE_SEVERITY, 4, UNCORRECTABLE);
    config.setClearable(offset + CORRECTABLE_STATUS, 4, CORRECTABLE);
    config.set(offset + CORRECTABLE_MASK, 4, ADVISORY_NON_FATAL);
    config.setWritable(offset + CORRECTABLE_MASK, 4, CORRECTABLE);
    return offset;
  }

  /** Says who takes the messages. */
  void to(Consumer<Message> above) {
    port = above;
  }

  /** A request to memory came that nothing of the device answers. Any thread. */
  void unsupportedMemory(long address, int sizeBytes, boolean write) {
    Message message;
    synchronized (function) {
      boolean fatal = (read(UNCORRECTABLE_SEVERITY) & 1 << UNSUPPORTED_REQUEST) != 0;
      Severity severity =
          fatal ? Severity.FATAL : write ? Severity.NON_FATAL : Severity.CORRECTABLE;
      message = log(severity, address, sizeBytes, write);
    }
    if (message != null) {
      port.accept(message);
    }
  }

  /** Notes the error; gives the message that is to be sent, or null. */
  private Message log(Severity severity, long address, int sizeBytes, boolean write) {
    setDeviceStatus(detected(severity) | UNSUPPORTED_DETECTED);
    if (severity == Severity.CORRECTABLE) {
      set(CORRECTABLE_STATUS, ADVISORY_NON_FATAL);
      if ((read(CORRECTABLE_MASK) & ADVISORY_NON_FATAL) != 0) {
        return null;
      }
    }
    boolean first = read(UNCORRECTABLE_STATUS) == 0;
    set(UNCORRECTABLE_STATUS, 1 << UNSUPPORTED_REQUEST);
    if ((read(UNCORRECTABLE_MASK) & 1 << UNSUPPORTED_REQUEST) != 0) {
      return null;
    }
    if (first) {
      config.set(offset + CAPABILITIES, 4, read(CAPABILITIES) & ~FIRST_ERROR | UNSUPPORTED_REQUEST);
      logHeader(address, sizeBytes, write);
    }
    return mayTell(severity) ? new Message(severity, function.requesterId()) : null;
  }

  private static int detected(Severity severity) {
    return switch (severity) {
      case CORRECTABLE -> CORRECTABLE_DETECTED;
      case NON_FATAL -> NON_FATAL_DETECTED;
      case FATAL -> FATAL_DETECTED;
    };
  }

  private boolean mayTell(Severity severity) {
    int wanted = detected(severity) | UNSUPPORTED_DETECTED;
    return (config.read(express + PciExpress.DEVICE_CONTROL, 2) & wanted) == wanted;
  }

  private void setDeviceStatus(int bits) {
    int register = express + PciExpress.DEVICE_STATUS;
    config.set(register, 2, config.read(register, 2) | bits);
  }

  /** The header of the request, the first byte of each doubleword in its upper bits. */
  private void logHeader(long address, int sizeBytes, boolean write) {
    boolean wide = address >>> 32 != 0;
    int kind = (write ? MEMORY_WRITE : MEMORY_READ) | (wide ? FOUR_DOUBLEWORDS : 0);
    int doublewords = sizeBytes > 4 ? 2 : 1;
    int firstEnables = (1 << Math.min(4, sizeBytes)) - 1 << (address & 3) & 0xF;
    int lastEnables = doublewords == 2 ? 0xF : 0;
    config.set(offset + HEADER_LOG, 4, (long) kind << 24 | doublewords);
    config.set(offset + HEADER_LOG + 4, 4, lastEnables << 4 | firstEnables);
    long low = address & 0xFFFF_FFFCL;
    config.set(offset + HEADER_LOG + 8, 4, wide ? address >>> 32 : low);
    config.set(offset + HEADER_LOG + 12, 4, wide ? low : 0);
  }

  private long read(int register) {
    return config.read(offset + register, 4);
  }

  private void set(int register, int bits) {
    config.set(offset + register, 4, read(register) | bits);
  }
}
