package dev.ringzero.devices.pci;

import static dev.ringzero.devices.pci.PciRegister.*;

import dev.ringzero.engine.InterruptLine;
import dev.ringzero.engine.state.StateException;
import dev.ringzero.engine.state.StateReader;
import dev.ringzero.engine.state.StateWriter;
import dev.ringzero.engine.state.Stateful;
import dev.ringzero.memory.DeviceBus;
import dev.ringzero.memory.MmioDevice;
import dev.ringzero.memory.PortDevice;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntSupplier;
import java.util.function.LongConsumer;

/**
 * A PCI function: configuration space, base addresses that follow what the guest writes,
 * capabilities, and the INTx pin. A device has one and gives it what lies behind its BARs; a {@link
 * PciBus} plugs it in. BARs and capabilities are added before that.
 *
 * @spec PCI Local Bus Specification 3.0
 */
public final class PciFunction implements Stateful {
  private static final int FIRST_CAPABILITY = 0x40;
  private static final int HEADER_END = 0x100;
  private static final int EXTENDED_HEADER_BYTES = 4;

  private final String name;
  private final ConfigSpace config = new ConfigSpace();
  private final List<BaseAddress> bars = new ArrayList<>();
  private final List<ConfigListener> listeners = new ArrayList<>();
  private final List<ConfigListener> readListeners = new ArrayList<>();
  private final List<Runnable> resetListeners = new ArrayList<>();
  private int capabilityEnd = FIRST_CAPABILITY;
  private int lastCapability = CAPABILITIES_POINTER - 1;
  private int extendedEnd = HEADER_END;
  private int lastExtended;

  private DeviceBus bus;
  private volatile IntSupplier requesterId = () -> 0;
  private InterruptLine pin = asserted -> {};
  private boolean interrupting;
  private boolean virtual;
  private ErrorReporting errors;
  private volatile boolean aborted;

  /** Learns that the guest accesses a part of configuration space, or that all of it changed. */
  @FunctionalInterface
  public interface ConfigListener {
    /** Called under the function's lock, after a change or before a read. */
    void accessed(int offset, int sizeBytes);
  }

  /**
   * Makes a function without BARs and capabilities.
   *
   * @param name of its state, such as "virtio-net0"
   */
  public PciFunction(String name, PciIdentity identity) {
    this.name = name;
    config.set(VENDOR_ID, 2, identity.vendorId());
    config.set(DEVICE_ID, 2, identity.deviceId());
    config.set(REVISION_ID, 1, identity.revision());
    config.set(CLASS_CODE, 3, identity.classCode());
    if (identity.subsystemVendorId() != 0) {
      config.set(SUBSYSTEM_VENDOR_ID, 2, identity.subsystemVendorId());
      config.set(SUBSYSTEM_ID, 2, identity.subsystemId());
    }
    config.setWritable(
        COMMAND, 2, COMMAND_IO | COMMAND_MEMORY | COMMAND_MASTER | COMMAND_INTX_DISABLE);
    config.setClearable(STATUS, 2, STATUS_ERRORS);
    config.setWritable(CACHE_LINE_SIZE, 1, 0xFF);
    config.setWritable(INTERRUPT_LINE, 1, 0xFF);
  }

  /** Configuration space, for registers of the device's own. */
  public ConfigSpace config() {
    return config;
  }

  /**
   * Adds a memory BAR.
   *
   * @param index 0 to 5; a 64-bit BAR takes the next one too
   * @param sizeBytes a power of two, 16 or more
   * @param flags {@link PciRegister#BAR_64_BIT} and {@link PciRegister#BAR_PREFETCHABLE} or-ed
   */
  public synchronized void addMemoryBar(int index, long sizeBytes, int flags, MmioDevice device) {
    bars.add(BaseAddress.ofMemory(config, index, sizeBytes, flags, device));
  }

  /** Adds an I/O BAR of a power of two of ports, 4 to 256. */
  public synchronized void addPortBar(int index, int count, PortDevice device) {
    bars.add(BaseAddress.ofPorts(config, index, count, device));
  }

  /**
   * Lets the device learn where a BAR answers.
   *
   * @param listener gets an address, or a negative number; called under the function's lock
   */
  public synchronized void onMove(int index, LongConsumer listener) {
    bars.stream()
        .filter(bar -> bar.register() == BAR0 + 4 * index)
        .forEach(b -> b.onMove(listener));
  }

  /**
   * Adds a capability at the end of the list; its bytes are zero and read-only until the device
   * sets them through {@link #config()}.
   *
   * @param lengthBytes with the two bytes of ID and next pointer
   * @return offset of the capability
   */
  public synchronized int addCapability(int id, int lengthBytes) {
    int offset = capabilityEnd;
    if (offset + lengthBytes > HEADER_END) {
      throw new IllegalStateException("no room for capability " + id);
    }
    capabilityEnd = offset + lengthBytes + 3 & ~3;
    config.set(offset, 1, id);
    config.set(lastCapability + 1, 1, offset);
    lastCapability = offset;
    config.set(STATUS, 2, config.read(STATUS, 2) | STATUS_CAPABILITIES);
    return offset;
  }

  /**
   * Adds a PCI Express extended capability at the end of its list.
   *
   * @param lengthBytes with the four bytes of the header
   * @return offset of the capability
   */
  public synchronized int addExtendedCapability(int id, int version, int lengthBytes) {
    int offset = extendedEnd;
    if (offset + Math.max(lengthBytes, EXTENDED_HEADER_BYTES) > ConfigSpace.BYTES) {
      throw new IllegalStateException("no room for extended capability " + id);
    }
    extendedEnd = offset + lengthBytes + 3 & ~3;
    config.set(offset, 4, id | version << 16);
    if (lastExtended != 0) {
      config.set(lastExtended + 2, 2, offset << 4 | config.read(lastExtended + 2, 2) & 0xF);
    }
    lastExtended = offset;
    return offset;
  }

  /** Lets the device learn of a reset of the function; called under the function's lock. */
  public synchronized void onReset(Runnable listener) {
    resetListeners.add(listener);
  }

  /** Lets the device learn of writes to configuration space. */
  public synchronized void onConfigWrite(ConfigListener listener) {
    listeners.add(listener);
  }

  /** Lets the device set registers of its own before the guest reads them. */
  public synchronized void onConfigRead(ConfigListener listener) {
    readListeners.add(listener);
  }

  /**
   * Gives the function an interrupt pin.
   *
   * @param number 1 for INTA# to 4 for INTD#
   */
  public synchronized void useInterruptPin(int number) {
    config.set(INTERRUPT_PIN, 1, number);
  }

  /** The number of the interrupt pin, 1 to 4, or 0. */
  public int interruptPin() {
    return (int) config.read(INTERRUPT_PIN, 1);
  }

  /** Whether the guest lets the function read and write memory and send MSIs. */
  public synchronized boolean isBusMaster() {
    return (config.read(COMMAND, 2) & COMMAND_MASTER) != 0;
  }

  /** The requester ID: bus number, device and function in 16 bits, as they are now. */
  public int requesterId() {
    return requesterId.getAsInt();
  }

  /** Lets errors be reported through a capability. */
  synchronized void report(ErrorReporting through) {
    errors = through;
  }

  /** Through what errors are reported, or null. */
  synchronized ErrorReporting errors() {
    return errors;
  }

  /** A read of the function's was refused: the next reader of its status learns that. */
  public void readRefused() {
    aborted = true;
  }

  /** Resets the function: configuration space is as it was when plugged in. */
  public synchronized void reset() {
    config.reset();
    interrupting = false;
    resetListeners.forEach(Runnable::run);
    configChanged(0, ConfigSpace.BYTES);
  }

  /** Plugs the function in: BARs answer on this bus, the pin drives this wire. */
  synchronized void plug(DeviceBus deviceBus, InterruptLine interruptPin, IntSupplier place) {
    bus = deviceBus;
    requesterId = place;
    pin = interruptPin;
    config.keepForReset();
    configChanged(0, ConfigSpace.BYTES);
  }

  /**
   * Pulls the function out: nothing of it answers any more, and it is as before being plugged in.
   */
  synchronized void unplug() {
    withdraw();
    disconnect();
  }

  /**
   * Cuts the function off: it is reset and does nothing any more, while its BARs still answer until
   * {@link #withdraw}.
   */
  synchronized void disconnect() {
    bus = null;
    config.reset();
    interrupting = false;
    resetListeners.forEach(Runnable::run);
    configChanged(0, ConfigSpace.BYTES);
    pin.set(false);
    pin = asserted -> {};
  }

  /** Lets the BARs answer no more. */
  synchronized void withdraw() {
    bars.forEach(BaseAddress::withdraw);
  }

  /** Drives the INTx pin. Any thread. */
  public synchronized void interrupt(boolean asserted) {
    interrupting = asserted;
    update();
  }

  private void update() {
    long status = config.read(STATUS, 2) & ~STATUS_INTERRUPT;
    config.set(STATUS, 2, interrupting ? status | STATUS_INTERRUPT : status);
    pin.set(interrupting && (config.read(COMMAND, 2) & COMMAND_INTX_DISABLE) == 0);
  }

  /**
   * Makes the function a virtual one: it has no identity, no BAR registers and no pin of its own,
   * and answers in memory where its physical function says. After all BARs were added.
   *
   * @spec PCI Express Base Specification 5.0, "SR-IOV: Configuration"
   */
  public synchronized void becomeVirtual() {
    virtual = true;
    config.set(VENDOR_ID, 2, 0xFFFF);
    config.set(DEVICE_ID, 2, 0xFFFF);
    config.setWritable(COMMAND, 2, COMMAND_MASTER);
    config.set(INTERRUPT_PIN, 1, 0);
    bars.forEach(bar -> bar.surrender(config));
  }

  /** Lets the BARs of a virtual function answer, each at its address by number; at none if 0. */
  synchronized void placeBars(long[] addresses) {
    if (bus != null) {
      for (BaseAddress bar : bars) {
        bar.place(addresses[(bar.register() - BAR0) / 4], bus);
      }
    }
  }

  /** Sizes of the BARs in bytes, by number; 0 where there is none. */
  synchronized long[] barSizes() {
    long[] sizes = new long[6];
    bars.forEach(bar -> sizes[(bar.register() - BAR0) / 4] = bar.sizeBytes());
    return sizes;
  }

  private void followBars() {
    if (bus != null && !virtual) {
      for (BaseAddress bar : bars) {
        bar.follow(config, bus);
      }
    }
  }

  /** Reads configuration space as the guest does; the access lies within it. */
  public synchronized long readConfig(int offset, int sizeBytes) {
    if (aborted) {
      aborted = false;
      config.set(STATUS, 2, config.read(STATUS, 2) | STATUS_MASTER_ABORT);
    }
    for (ConfigListener listener : readListeners) {
      listener.accessed(offset, sizeBytes);
    }
    return config.read(offset, sizeBytes);
  }

  /** Writes configuration space as the guest does; the access lies within it. */
  public synchronized void writeConfig(int offset, int sizeBytes, long value) {
    config.write(offset, sizeBytes, value);
    configChanged(offset, sizeBytes);
  }

  private void configChanged(int offset, int sizeBytes) {
    if (offset < FIRST_CAPABILITY) {
      followBars();
      update();
    }
    for (ConfigListener listener : listeners) {
      listener.accessed(offset, sizeBytes);
    }
  }

  /** What the function is now, for people. */
  synchronized FunctionView view() {
    return new FunctionView(
        requesterId(),
        name,
        (int) config.read(VENDOR_ID, 2),
        (int) config.read(DEVICE_ID, 2),
        (int) config.read(CLASS_CODE, 3),
        virtual,
        isBusMaster(),
        bars.stream().map(BaseAddress::view).toList(),
        new CapabilityDecoder(config).all());
  }

  @Override
  public String stateName() {
    return "pci-" + name;
  }

  @Override
  public int stateVersion() {
    return 1;
  }

  @Override
  public synchronized void save(StateWriter out) {
    config.save(out);
    out.writeBoolean(interrupting);
  }

  @Override
  public synchronized void restore(StateReader in, int version) {
    if (version != 1) {
      throw new StateException("PCI function state of version " + version);
    }
    config.restore(in);
    interrupting = in.readBoolean();
    configChanged(0, ConfigSpace.BYTES);
  }
}
