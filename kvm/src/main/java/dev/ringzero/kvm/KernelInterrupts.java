package dev.ringzero.kvm;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The interrupt messages of a machine whose local APICs the kernel keeps. Of level-triggered pins
 * it must know the vectors, to tell when their service ends. Thread-safe.
 *
 * @spec Linux Documentation/virt/kvm/api.rst, "KVM_CAP_SPLIT_IRQCHIP"
 */
final class KernelInterrupts {
  static final int KVM_CAP_SPLIT_IRQCHIP = 121;
  private static final int PINS = 24;
  private static final int KVM_IRQ_ROUTING_MSI = 2;
  private static final long HEADER_BYTES = KvmLayouts.KVM_IRQ_ROUTING.byteSize();
  private static final long ENTRY_BYTES = KvmLayouts.KVM_IRQ_ROUTING_ENTRY.byteSize();
  private static final long DATA = KvmLayouts.offset(KvmLayouts.KVM_MSI, "data");
  private static final int LEVEL_TRIGGERED = 1 << 15;

  private final KvmFile machine;
  private final MemorySegment callState = HostCalls.newCallState();
  private final MemorySegment message = Arena.ofAuto().allocate(KvmLayouts.KVM_MSI);
  private final long[] addresses = new long[PINS];
  private final int[] data = new int[PINS];
  private boolean closed;

  /** Moves the local APICs of a machine into the kernel, before it has vCPUs. */
  KernelInterrupts(KvmFile machine) {
    this.machine = machine;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment capability = arena.allocate(KvmLayouts.KVM_ENABLE_CAP);
      capability.set(JAVA_INT, 0, KVM_CAP_SPLIT_IRQCHIP);
      capability.set(JAVA_LONG, KvmLayouts.offset(KvmLayouts.KVM_ENABLE_CAP, "args"), PINS);
      machine.call(Ioctl.KVM_ENABLE_CAP, capability);
    }
  }

  /** Delivers a message; one that addresses nobody is lost, as on the bus. */
  synchronized void send(long address, int value) {
    if (!closed) {
      message.set(JAVA_LONG, 0, address);
      message.set(JAVA_INT, DATA, value);
      machine.attempt(Ioctl.KVM_SIGNAL_MSI, message.address(), callState);
    }
  }

  /** Takes the message of a pin of the I/O APIC. */
  synchronized void route(int pin, long address, int value) {
    boolean changed = addresses[pin] != address || data[pin] != value;
    boolean level = ((data[pin] | value) & LEVEL_TRIGGERED) != 0;
    addresses[pin] = address;
    data[pin] = value;
    if (changed && level && !closed) {
      giveRoutes();
    }
  }

  private void giveRoutes() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment table = arena.allocate(HEADER_BYTES + PINS * ENTRY_BYTES, 8);
      int count = 0;
      for (int pin = 0; pin < PINS; pin++) {
        if ((data[pin] & LEVEL_TRIGGERED) != 0) {
          MemorySegment entry = table.asSlice(HEADER_BYTES + count++ * ENTRY_BYTES, ENTRY_BYTES);
          entry.set(JAVA_INT, 0, pin);
          entry.set(JAVA_INT, entry("type"), KVM_IRQ_ROUTING_MSI);
          entry.set(JAVA_LONG, entry("u", "msi", "address_lo"), addresses[pin]);
          entry.set(JAVA_INT, entry("u", "msi", "data"), data[pin]);
        }
      }
      table.set(JAVA_INT, 0, count);
      machine.attempt(Ioctl.KVM_SET_GSI_ROUTING, table.address(), callState);
    }
  }

  private static long entry(String... names) {
    return KvmLayouts.offset(KvmLayouts.KVM_IRQ_ROUTING_ENTRY, names);
  }

  synchronized void close() {
    closed = true;
  }
}
