package dev.ringzero.devices.pci;

import dev.ringzero.engine.MsiTarget;

/**
 * Message-signalled interrupts of a function: the capability with 64-bit address and per-vector
 * masking. All its state is in configuration space.
 *
 * @spec PCI Local Bus Specification 3.0, "MSI Capability Structure"
 */
public final class Msi {
  private static final int ID = 0x05;
  private static final int BYTES = 24;

  private static final int MESSAGE_CONTROL = 0x02;
  private static final int MESSAGE_ADDRESS = 0x04;
  private static final int MESSAGE_DATA = 0x0C;
  private static final int MASK_BITS = 0x10;
  private static final int PENDING_BITS = 0x14;

  private static final int ENABLE = 1 << 0;
  private static final int MULTIPLE_CAPABLE_SHIFT = 1;
  private static final int MULTIPLE_ENABLE_SHIFT = 4;
  private static final int ADDRESS_64 = 1 << 7;
  private static final int PER_VECTOR_MASKING = 1 << 8;

  private final PciFunction function;
  private final MsiTarget messages;
  private final int offset;

  /**
   * Adds the capability to a function.
   *
   * @param vectors 1, 2, 4, 8, 16 or 32
   */
  public Msi(PciFunction function, int vectors, MsiTarget messages) {
    this.function = function;
    this.messages = messages;
    this.offset = function.addCapability(ID, BYTES);
    int capable = Integer.numberOfTrailingZeros(vectors) << MULTIPLE_CAPABLE_SHIFT;
    ConfigSpace config = function.config();
    config.set(offset + MESSAGE_CONTROL, 2, capable | ADDRESS_64 | PER_VECTOR_MASKING);
    config.setWritable(offset + MESSAGE_CONTROL, 2, ENABLE | 7 << MULTIPLE_ENABLE_SHIFT);
    config.setWritable(offset + MESSAGE_ADDRESS, 8, ~3L);
    config.setWritable(offset + MESSAGE_DATA, 2, 0xFFFF);
    config.setWritable(offset + MASK_BITS, 4, vectors == 32 ? -1 : (1L << vectors) - 1);
    function.onConfigWrite((at, size) -> sendPending());
  }

  /** Whether the guest uses MSI instead of the pin. */
  public boolean isEnabled() {
    synchronized (function) {
      return (control() & ENABLE) != 0;
    }
  }

  private long control() {
    return function.config().read(offset + MESSAGE_CONTROL, 2);
  }

  /** Sends a vector's message, or remembers it while the vector is masked. Any thread. */
  public void signal(int vector) {
    synchronized (function) {
      ConfigSpace config = function.config();
      long pending = config.read(offset + PENDING_BITS, 4);
      config.set(offset + PENDING_BITS, 4, pending | 1L << vector);
      sendPending();
    }
  }

  private void sendPending() {
    ConfigSpace config = function.config();
    long pending = config.read(offset + PENDING_BITS, 4);
    if (pending == 0) {
      return;
    }
    if ((control() & ENABLE) == 0) {
      config.set(offset + PENDING_BITS, 4, 0);
      return;
    }
    long ready = pending & ~config.read(offset + MASK_BITS, 4);
    if (ready == 0 || !function.isBusMaster()) {
      return;
    }
    config.set(offset + PENDING_BITS, 4, pending & ~ready);
    for (long left = ready; left != 0; left &= left - 1) {
      send(Long.numberOfTrailingZeros(left));
    }
  }

  private void send(int vector) {
    ConfigSpace config = function.config();
    int enabled = 1 << Math.min(5, control() >>> MULTIPLE_ENABLE_SHIFT & 7);
    int data = (int) config.read(offset + MESSAGE_DATA, 2);
    int ownBits = enabled - 1;
    messages.send(config.read(offset + MESSAGE_ADDRESS, 8), data & ~ownBits | vector & ownBits);
  }
}
