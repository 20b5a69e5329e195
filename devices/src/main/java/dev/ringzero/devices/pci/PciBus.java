package dev.ringzero.devices.pci;

import dev.ringzero.engine.InterruptLine;
import dev.ringzero.memory.DeviceBus;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * PCI bus 0: 32 devices of 8 functions each, and the wires of their INTx pins. Functions come and go
 * at run time; configuration accesses take no lock of the bus.
 *
 * @spec PCI Local Bus Specification 3.0, "Configuration Cycles" and "Interrupt Pin"
 */
public final class PciBus {
  private static final int FUNCTIONS = 32 * 8;
  private static final int PINS = 4;

  private final DeviceBus deviceBus;
  private final SharedInterruptLine[] wires = new SharedInterruptLine[PINS];
  private final AtomicReferenceArray<PciFunction> functions =
      new AtomicReferenceArray<>(FUNCTIONS);

  /**
   * Makes an empty bus.
   *
   * @param deviceBus where BARs answer
   * @param wires four level-triggered wires; pin p (from 0) of device d drives wire (d + p) mod 4
   */
  public PciBus(DeviceBus deviceBus, InterruptLine... wires) {
    if (wires.length != PINS) {
      throw new IllegalArgumentException(wires.length + " wires for INTx");
    }
    this.deviceBus = deviceBus;
    for (int i = 0; i < PINS; i++) {
      this.wires[i] = new SharedInterruptLine(wires[i]);
    }
  }

  /** Number of the wire, 0 to 3, that a pin (0 for INTA#) of a device drives. */
  public static int wire(int device, int pin) {
    return device + pin & PINS - 1;
  }

  /**
   * Plugs a function in.
   *
   * @throws IllegalStateException if the place is taken
   */
  public void plug(int device, int function, PciFunction newcomer) {
    if (!functions.compareAndSet(index(device, function), null, newcomer)) {
      throw new IllegalStateException("PCI device " + device + "." + function + " is there");
    }
    int pin = Math.max(0, newcomer.interruptPin() - 1);
    newcomer.plug(deviceBus, wires[wire(device, pin)].input());
  }

  /** Pulls a function out, if there is one. */
  public void unplug(int device, int function) {
    PciFunction old = functions.getAndSet(index(device, function), null);
    if (old != null) {
      old.unplug();
    }
  }

  private static int index(int device, int function) {
    if (device < 0 || device > 31 || function < 0 || function > 7) {
      throw new IllegalArgumentException("no PCI device " + device + "." + function);
    }
    return device << 3 | function;
  }

  /**
   * Reads configuration space. The access is cut at naturally aligned boundaries by the caller.
   *
   * @param bus 0 to 255
   * @param deviceFunction device in bits 7:3, function in bits 2:0
   */
  long readConfig(int bus, int deviceFunction, int offset, int sizeBytes) {
    PciFunction function = bus == 0 ? functions.get(deviceFunction) : null;
    return function != null ? function.readConfig(offset, sizeBytes) : (1L << 8 * sizeBytes) - 1;
  }

  void writeConfig(int bus, int deviceFunction, int offset, int sizeBytes, long value) {
    PciFunction function = bus == 0 ? functions.get(deviceFunction) : null;
    if (function != null) {
      function.writeConfig(offset, sizeBytes, value);
    }
  }
}
