package dev.ringzero.devices.pci;

import static dev.ringzero.devices.pci.PciExpress.*;
import static dev.ringzero.devices.pci.PciRegister.BRIDGE_CONTROL_SERR;

import dev.ringzero.engine.MsiTarget;

/**
 * A PCI Express root port with a hot-plug slot. A device is put in and taken out while the guest
 * runs; taking out can also be asked for, as with the slot's attention button, and then happens
 * when the guest switches the slot's power off.
 *
 * <p>The link comes up as soon as a device is in, before the guest has switched power on: that is
 * an event which systems act on at once, where they would let a pressed button blink for seconds.
 *
 * <p>A device of many functions may be in it (ARI); what is behind it is a group of its own for an
 * IOMMU (ACS); it takes the error messages of the device, and tells the guest (AER).
 *
 * <p>Not modelled: electromechanical interlock, latch sensor, errors of the port itself.
 *
 * @spec PCI Express Base Specification 5.0, "PCI Express Hot-Plug Support"
 */
public final class RootPort extends PciBridge {
  private static final int RED_HAT = 0x1B36;
  private static final int GENERIC_ROOT_PORT = 0x000C;
  private static final int BRIDGE_CLASS = 0x06_0400;

  private static final int LINK_ACTIVE_REPORTING = 1 << 20;
  private static final int LINK_ACTIVE = 1 << 13;

  private static final int ATTENTION_BUTTON_PRESENT = 1 << 0;
  private static final int POWER_CONTROLLER_PRESENT = 1 << 1;
  private static final int ATTENTION_INDICATOR_PRESENT = 1 << 3;
  private static final int POWER_INDICATOR_PRESENT = 1 << 4;
  private static final int HOT_PLUG_SURPRISE = 1 << 5;
  private static final int HOT_PLUG_CAPABLE = 1 << 6;
  private static final int SLOT_NUMBER_SHIFT = 19;

  private static final int ATTENTION_BUTTON = 1 << 0; // enable and status
  private static final int PRESENCE_DETECT = 1 << 3; // changed: enable and status
  private static final int COMMAND_COMPLETED = 1 << 4; // enable and status
  private static final int HOT_PLUG_INTERRUPT_ENABLE = 1 << 5;
  private static final int POWER_OFF = 1 << 10; // Power Controller Control
  private static final int LINK_STATE = 1 << 12; // changed: enable
  private static final int SLOT_CONTROL_WRITABLE = 0x17FF;
  private static final int INDICATORS_OFF = 0x03C0;

  private static final int PRESENT = 1 << 6; // Presence Detect State
  private static final int LINK_STATE_STATUS = 1 << 8; // changed: status
  private static final int STATUS_EVENTS = 0x011F;

  private final Msi msi;
  private final int express;
  private final ConfigSpace config;
  private final RootErrors errors;
  private boolean interrupting;
  private boolean errorInterrupting;
  private boolean powered;

  /** Pulled out while the slot had power; answers as a device in reset until the guest cuts it. */
  private PciFunction pulledOut;

  private volatile Runnable removalListener = () -> {};

  /**
   * Makes a port with an empty slot, to be plugged into the root bus.
   *
   * @param name of its state, such as "root-port0"
   * @param slot number of the slot as the guest sees it, 1 or more
   * @param root the bus on which it will be
   * @param device its number there
   */
  public RootPort(String name, int slot, PciBus root, int device, MsiTarget messages) {
    super(
        name,
        new PciIdentity(RED_HAT, GENERIC_ROOT_PORT, 0, BRIDGE_CLASS),
        new PciBus(root.deviceBus(), root.wiresOf(device)));
    config = function().config();
    express = PciExpress.add(function(), Type.ROOT_PORT);
    msi = new Msi(function(), 1, messages);
    function().useInterruptPin(1);
    config.set(
        express + LINK_CAPABILITIES,
        4,
        config.read(express + LINK_CAPABILITIES, 4) | LINK_ACTIVE_REPORTING | (long) slot << 24);
    config.set(
        express + SLOT_CAPABILITIES,
        4,
        ATTENTION_BUTTON_PRESENT
            | POWER_CONTROLLER_PRESENT
            | ATTENTION_INDICATOR_PRESENT
            | POWER_INDICATOR_PRESENT
            | HOT_PLUG_SURPRISE
            | HOT_PLUG_CAPABLE
            | (long) slot << SLOT_NUMBER_SHIFT);
    config.set(express + SLOT_CONTROL, 2, INDICATORS_OFF | POWER_OFF);
    config.setWritable(express + SLOT_CONTROL, 2, SLOT_CONTROL_WRITABLE);
    config.setClearable(express + SLOT_STATUS, 2, STATUS_EVENTS);
    errors = new RootErrors(function());
    AccessControl.add(function());
    function().onConfigWrite(this::written);
  }

  /**
   * Sets who learns that a device is out. Called under the lock of the function: must not block.
   */
  public void onRemoval(Runnable listener) {
    removalListener = listener;
  }

  /**
   * Puts a device into the slot.
   *
   * @throws IllegalStateException if there is one
   */
  public void insert(PciFunction newcomer) {
    ErrorReporting reporting = newcomer.errors();
    if (reporting != null) {
      reporting.to(this::receive);
    }
    secondary().plug(0, 0, newcomer);
    synchronized (function()) {
      withdrawPulledOut();
      switchOnUnlessManaged();
      setSlot(true);
    }
  }

  /**
   * Takes what is in the slot out at once. Where nobody answers reads give all ones, and Linux's
   * virtio driver waits forever for a status of zero; so that what was pulled out answers as in
   * reset until the guest has noticed and cuts the slot's power.
   */
  public void remove() {
    PciFunction old = secondary().disconnect(0, 0);
    synchronized (function()) {
      withdrawPulledOut();
      pulledOut = old;
      if (!isPowered()) {
        withdrawPulledOut();
      }
      setSlot(false);
    }
    removalListener.run();
  }

  private void withdrawPulledOut() {
    if (pulledOut != null) {
      pulledOut.withdraw();
      pulledOut = null;
    }
  }

  /** Asks the guest to let go of what is in the slot; it is out when the guest has done so. */
  public void requestRemoval() {
    synchronized (function()) {
      raise(ATTENTION_BUTTON);
    }
  }

  /** Whether a device is in the slot. */
  public boolean isOccupied() {
    return !secondary().isEmpty();
  }

  /** Functions of other devices than number 0 are reached with ARI alone. */
  @Override
  PciFunction functionAt(int deviceFunction) {
    boolean forwards =
        deviceFunction < 8 || (config.read(express + DEVICE_CONTROL_2, 2) & ARI_FORWARDING) != 0;
    return forwards ? super.functionAt(deviceFunction) : null;
  }

  /** An error message from below. */
  private void receive(ErrorReporting.Message message) {
    synchronized (function()) {
      boolean passes = (config.read(PciRegister.BRIDGE_CONTROL, 2) & BRIDGE_CONTROL_SERR) != 0;
      if (passes || message.severity() == ErrorReporting.Severity.CORRECTABLE) {
        errors.received(message);
        signal();
      }
    }
  }

  private void setSlot(boolean occupied) {
    long status = config.read(express + SLOT_STATUS, 2) & ~PRESENT;
    config.set(express + SLOT_STATUS, 2, occupied ? status | PRESENT : status);
    setLink(occupied);
    raise(PRESENCE_DETECT);
  }

  /** Before a system looks after the slot it is firmware that gives a device power. */
  private void switchOnUnlessManaged() {
    long control = config.read(express + SLOT_CONTROL, 2);
    if ((control & HOT_PLUG_INTERRUPT_ENABLE) == 0) {
      config.set(express + SLOT_CONTROL, 2, control & ~POWER_OFF);
      powered = true;
    }
  }

  private boolean isPowered() {
    return (config.read(express + SLOT_CONTROL, 2) & POWER_OFF) == 0;
  }

  private void setLink(boolean active) {
    long status = config.read(express + LINK_STATUS, 2);
    if (active != ((status & LINK_ACTIVE) != 0)) {
      config.set(express + LINK_STATUS, 2, status ^ LINK_ACTIVE);
      raise(LINK_STATE_STATUS);
    }
  }

  private void raise(int event) {
    long status = config.read(express + SLOT_STATUS, 2);
    config.set(express + SLOT_STATUS, 2, status | event);
    signal();
  }

  /** Each write of the guest to Slot Control is a command. */
  private void written(int offset, int sizeBytes) {
    int register = express + SLOT_CONTROL;
    boolean isCommand =
        sizeBytes < ConfigSpace.BYTES && offset < register + 2 && offset + sizeBytes > register;
    boolean switchedOff = powered && !isPowered();
    powered = isPowered();
    if (switchedOff) {
      withdrawPulledOut();
    }
    if (isCommand && switchedOff && isOccupied()) {
      remove();
    }
    if (isCommand) {
      raise(COMMAND_COMPLETED);
    }
    signal();
  }

  /**
   * Drives the pin by the events that are enabled, or sends a message when there begin to be any.
   */
  private void signal() {
    boolean wanted = wantsInterrupt();
    boolean erroneous = errors.wantsInterrupt();
    boolean begins = wanted && !interrupting || erroneous && !errorInterrupting;
    interrupting = wanted;
    errorInterrupting = erroneous;
    if (!msi.isEnabled()) {
      function().interrupt(wanted || erroneous);
    } else if (begins) {
      msi.signal(0);
    }
  }

  private boolean wantsInterrupt() {
    long control = config.read(express + SLOT_CONTROL, 2);
    long status = config.read(express + SLOT_STATUS, 2);
    long events = status & control & (ATTENTION_BUTTON | PRESENCE_DETECT | COMMAND_COMPLETED);
    boolean link = (status & LINK_STATE_STATUS) != 0 && (control & LINK_STATE) != 0;
    return (events != 0 || link) && (control & HOT_PLUG_INTERRUPT_ENABLE) != 0;
  }
}
