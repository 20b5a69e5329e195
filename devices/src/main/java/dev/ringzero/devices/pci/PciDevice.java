package dev.ringzero.devices.pci;

import dev.ringzero.engine.state.Stateful;
import java.util.List;

/** A device of one function, as a machine holds it. */
public interface PciDevice {
  /** What to plug into a bus. */
  PciFunction function();

  /** What of the device has state, in the order in which it is to be restored. */
  List<Stateful> units();

  /** Waits until nothing of the device is at work. Nothing begins any more once it is unplugged. */
  void awaitIdle() throws InterruptedException;
}
