package dev.ringzero.devices.pci;

import dev.ringzero.memory.DeviceBus;
import dev.ringzero.memory.MmioDevice;
import dev.ringzero.memory.PortDevice;
import java.util.function.LongConsumer;

/**
 * What lies behind a base address register, and where it answers now. Called under the lock of its
 * function.
 *
 * @spec PCI Local Bus Specification 3.0, "Base Addresses"
 */
final class BaseAddress {
  private static final long NOWHERE = -1;

  private final int register;
  private final long sizeBytes;
  private final boolean is64Bit;
  private final MmioDevice memory;
  private final PortDevice ports;

  private long base = NOWHERE;
  private DeviceBus.Claim claim;
  private LongConsumer listener = place -> {};

  private BaseAddress(
      int register, long sizeBytes, boolean is64Bit, MmioDevice memory, PortDevice ports) {
    this.register = register;
    this.sizeBytes = sizeBytes;
    this.is64Bit = is64Bit;
    this.memory = memory;
    this.ports = ports;
  }

  static BaseAddress ofMemory(
      ConfigSpace config, int index, long sizeBytes, int flags, MmioDevice memory) {
    boolean is64Bit = (flags & PciRegister.BAR_64_BIT) != 0;
    if (Long.bitCount(sizeBytes) != 1
        || sizeBytes < 16
        || index < 0
        || index > (is64Bit ? 4 : 5)
        || !is64Bit && sizeBytes > 1L << 31) {
      throw new IllegalArgumentException("BAR " + index + " of " + sizeBytes + " bytes");
    }
    int register = PciRegister.BAR0 + 4 * index;
    config.set(register, is64Bit ? 8 : 4, flags);
    config.setWritable(register, is64Bit ? 8 : 4, -sizeBytes);
    return new BaseAddress(register, sizeBytes, is64Bit, memory, null);
  }

  static BaseAddress ofPorts(ConfigSpace config, int index, int count, PortDevice ports) {
    if (Integer.bitCount(count) != 1 || count < 4 || count > 256 || index < 0 || index > 5) {
      throw new IllegalArgumentException("BAR " + index + " of " + count + " ports");
    }
    int register = PciRegister.BAR0 + 4 * index;
    config.set(register, 4, PciRegister.BAR_IO);
    config.setWritable(register, 4, -count);
    return new BaseAddress(register, count, false, null, ports);
  }

  int register() {
    return register;
  }

  long sizeBytes() {
    return sizeBytes;
  }

  FunctionView.Bar view() {
    return new FunctionView.Bar(
        (register - PciRegister.BAR0) / 4, ports != null, is64Bit, sizeBytes, base);
  }

  /** Takes the register away: where it answers is said by {@link #place} alone. */
  void surrender(ConfigSpace config) {
    config.set(register, is64Bit ? 8 : 4, 0);
    config.setWritable(register, is64Bit ? 8 : 4, 0);
  }

  /** Follows the registers: leaves the old place and answers at the new one, if there is any. */
  void follow(ConfigSpace config, DeviceBus bus) {
    place(wanted(config), bus);
  }

  /** Answers at an address; nowhere if it is not usable. */
  void place(long address, DeviceBus bus) {
    long wanted = address > 0 && address <= (1L << 52) - sizeBytes ? address : NOWHERE;
    if (wanted == base) {
      return;
    }
    withdraw();
    base = wanted;
    if (base == NOWHERE) {
      return;
    }
    claim =
        ports != null
            ? bus.addPorts((int) base, (int) sizeBytes, ports)
            : bus.addMemory(base, sizeBytes, memory);
    listener.accept(base);
  }

  /** Says who learns where it answers: an address, or a negative number. */
  void onMove(LongConsumer learns) {
    listener = learns;
  }

  void withdraw() {
    if (claim != null) {
      listener.accept(NOWHERE);
      claim.remove();
      claim = null;
    }
    base = NOWHERE;
  }

  private long wanted(ConfigSpace config) {
    long command = config.read(PciRegister.COMMAND, 2);
    int space = ports != null ? PciRegister.COMMAND_IO : PciRegister.COMMAND_MEMORY;
    long address = config.read(register, is64Bit ? 8 : 4) & -sizeBytes;
    long limit = ports != null ? 1L << 16 : 1L << 52;
    boolean fits = address > 0 && address <= limit - sizeBytes;
    return (command & space) != 0 && fits ? address : NOWHERE;
  }
}
