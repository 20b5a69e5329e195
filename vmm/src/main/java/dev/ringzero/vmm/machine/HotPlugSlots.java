package dev.ringzero.vmm.machine;

import dev.ringzero.devices.pci.PciBus;
import dev.ringzero.devices.pci.RootPort;
import dev.ringzero.engine.state.Stateful;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Root ports with a slot each, into which devices are put while the guest runs. */
final class HotPlugSlots {
  /** Free ones in the order in which they are to be used. */
  private final List<Slot> slots = new ArrayList<>();

  private final List<Stateful> units = new ArrayList<>();
  private final Consumer<AttachedDevice> removals;

  private static final class Slot {
    final int number;
    final RootPort port;
    AttachedDevice device;

    Slot(int number, RootPort port) {
      this.number = number;
      this.port = port;
    }
  }

  /**
   * Plugs the ports into a bus.
   *
   * @param firstDevice number on the bus of the first of them
   * @param removals learns which device is out; must not block
   */
  HotPlugSlots(
      PciBus root,
      DevicePaths paths,
      int firstDevice,
      int count,
      Consumer<AttachedDevice> removals) {
    this.removals = removals;
    for (int i = 0; i < count; i++) {
      DevicePaths.Path path = paths.next();
      RootPort port = new RootPort("root-port" + i, i + 1, root, firstDevice + i, path.messages());
      path.attach().accept(port.function());
      root.plug(firstDevice + i, 0, port);
      Slot slot = new Slot(i + 1, port);
      port.onRemoval(() -> removed(slot));
      slots.add(slot);
      units.add(port.function());
    }
  }

  List<Stateful> units() {
    return units;
  }

  int count() {
    return units.size();
  }

  /** Puts a device into a free slot; returns the slot's number, or 0 if there is none. */
  int insert(AttachedDevice device) {
    Slot slot = reserve(device);
    if (slot == null) {
      return 0;
    }
    slot.port.insert(device.function().orElseThrow().function());
    return slot.number;
  }

  /** Ports call us under their locks, so that they are never called under ours. */
  private synchronized Slot reserve(AttachedDevice device) {
    for (Slot slot : slots) {
      if (slot.device == null) {
        slot.device = device;
        return slot;
      }
    }
    return null;
  }

  /** The slot goes to the end: systems do not look at it for a second after they cut its power. */
  private void rest(Slot slot) {
    slots.remove(slot);
    slots.add(slot);
  }

  /** The number of the slot in which a device is, or 0. */
  synchronized int slotOf(String id) {
    Slot slot = find(id);
    return slot == null ? 0 : slot.number;
  }

  private Slot find(String id) {
    for (Slot slot : slots) {
      if (slot.device != null && slot.device.id().equals(id)) {
        return slot;
      }
    }
    return null;
  }

  /**
   * Takes a device out.
   *
   * @param now without asking the guest
   * @return whether it was there
   */
  boolean remove(String id, boolean now) {
    RootPort port;
    synchronized (this) {
      Slot slot = find(id);
      if (slot == null) {
        return false;
      }
      port = slot.port;
    }
    if (now) {
      port.remove();
    } else {
      port.requestRemoval();
    }
    return true;
  }

  private void removed(Slot slot) {
    AttachedDevice device;
    synchronized (this) {
      device = slot.device;
      slot.device = null;
      rest(slot);
    }
    if (device != null) {
      removals.accept(device);
    }
  }
}
