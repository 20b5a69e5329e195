package dev.ringzero.devices.pci;

import dev.ringzero.engine.state.Stateful;
import java.util.List;

/** A device of one function, as a machine holds it. */
public interface PciDevice {
  /** What to plug into a bus. */
  PciFunction function();

  /** What of the device has state, in the order in which it is to be restored. */
  List<Stateful> units();

  /**
   * How much its data path had to do so far.
   *
   * @param doorbells notifications by the driver
   * @param callbacks times that the model was called to work on a queue
   * @param interrupts sent to the driver
   */
  record Work(long doorbells, long callbacks, long interrupts) {
    public static final Work NONE = new Work(0, 0, 0);
  }

  /** How much its data path had to do; nothing where that is not counted. */
  default Work work() {
    return Work.NONE;
  }

  /** Waits until nothing of the device is at work. Nothing begins any more once it is unplugged. */
  void awaitIdle() throws InterruptedException;
}
