package dev.ringzero.devices.pci;

import dev.ringzero.engine.InterruptLine;
import dev.ringzero.memory.DeviceBus;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.IntSupplier;

/**
 * A PCI bus: 32 devices of 8 functions each, and the wires of their INTx pins. Functions come and
 * go at run time; configuration accesses take no lock of the bus. Bridges on it lead to further
 * buses.
 *
 * @spec PCI Local Bus Specification 3.0, "Configuration Cycles" and "Interrupt Pin"
 */
public final class PciBus {
  private static final int FUNCTIONS = 32 * 8;
  private static final int PINS = 4;

  private final DeviceBus deviceBus;
  private final SharedInterruptLine[] wires = new SharedInterruptLine[PINS];
  private final AtomicReferenceArray<PciFunction> functions = new AtomicReferenceArray<>(FUNCTIONS);
  private IntSupplier number = () -> 0;
  private final List<PciBridge> bridges = new CopyOnWriteArrayList<>();

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
    newcomer.plug(
        deviceBus,
        wires[wire(device, pin)].input(),
        () -> number.getAsInt() << 8 | index(device, function));
  }

  /** Says where the bus finds its number; before anything is plugged in. */
  void number(IntSupplier source) {
    number = source;
  }

  /** Plugs a bridge in: what is behind it is found from here. */
  public void plug(int device, int function, PciBridge newcomer) {
    plug(device, function, newcomer.function());
    bridges.add(newcomer);
  }

  /** New drivers of the wires that the pins of a device drive, INTA# first. */
  public InterruptLine[] wiresOf(int device) {
    InterruptLine[] lines = new InterruptLine[PINS];
    for (int pin = 0; pin < PINS; pin++) {
      lines[pin] = wires[wire(device, pin)].input();
    }
    return lines;
  }

  /** Resets every function on the bus. */
  void reset() {
    for (int i = 0; i < FUNCTIONS; i++) {
      PciFunction function = functions.get(i);
      if (function != null) {
        function.reset();
      }
    }
  }

  boolean isEmpty() {
    for (int i = 0; i < FUNCTIONS; i++) {
      if (functions.get(i) != null) {
        return false;
      }
    }
    return true;
  }

  DeviceBus deviceBus() {
    return deviceBus;
  }

  /** Pulls a function out, if there is one. */
  public void unplug(int device, int function) {
    PciFunction old = functions.getAndSet(index(device, function), null);
    if (old != null) {
      old.unplug();
    }
  }

  /**
   * Cuts a function off, if there is one; its BARs still answer until it is withdrawn.
   *
   * @return it, or null
   */
  PciFunction disconnect(int device, int function) {
    PciFunction old = functions.getAndSet(index(device, function), null);
    if (old != null) {
      old.disconnect();
    }
    return old;
  }

  private static int index(int device, int function) {
    if (device < 0 || device > 31 || function < 0 || function > 7) {
      throw new IllegalArgumentException("no PCI device " + device + "." + function);
    }
    return device << 3 | function;
  }

  /** The function at a place on this bus, or null. */
  PciFunction functionAt(int deviceFunction) {
    return functions.get(deviceFunction);
  }

  /** The function at a place on the bus with this number, which is behind a bridge, or null. */
  PciFunction functionBehind(int busNumber, int deviceFunction) {
    for (PciBridge bridge : bridges) {
      if (bridge.leadsTo(busNumber)) {
        return busNumber == bridge.secondaryNumber()
            ? bridge.functionAt(deviceFunction)
            : bridge.secondary().functionBehind(busNumber, deviceFunction);
      }
    }
    return null;
  }

  /**
   * Reads configuration space, on the root bus of the machine.
   *
   * @param busNumber 0 to 255; the root bus is 0
   * @param deviceFunction device in bits 7:3, function in bits 2:0
   * @param offset with {@code sizeBytes} of 1, 2 or 4 within one doubleword
   */
  long readConfig(int busNumber, int deviceFunction, int offset, int sizeBytes) {
    PciFunction function = find(busNumber, deviceFunction);
    return function != null ? function.readConfig(offset, sizeBytes) : (1L << 8 * sizeBytes) - 1;
  }

  void writeConfig(int busNumber, int deviceFunction, int offset, int sizeBytes, long value) {
    PciFunction function = find(busNumber, deviceFunction);
    if (function != null) {
      function.writeConfig(offset, sizeBytes, value);
    }
  }

  /** All functions on this bus and behind its bridges, for people. */
  public List<FunctionView> views() {
    List<FunctionView> views = new ArrayList<>();
    for (int i = 0; i < FUNCTIONS; i++) {
      PciFunction function = functions.get(i);
      if (function != null) {
        views.add(function.view());
      }
    }
    bridges.forEach(bridge -> views.addAll(bridge.secondary().views()));
    return views;
  }

  private PciFunction find(int busNumber, int deviceFunction) {
    return busNumber == 0 ? functionAt(deviceFunction) : functionBehind(busNumber, deviceFunction);
  }
}
