package dev.ringzero.devices.igb;

import dev.ringzero.devices.pci.PciDevice;
import dev.ringzero.engine.AgentRunner;
import dev.ringzero.memory.DmaMemory;
import java.util.concurrent.atomic.LongAdder;

/** The agents that work for a function, while it is bus master, and how much they have to do. */
final class FunctionWork {
  private final DmaMemory memory;
  private final AgentRunner.Waker transmitter;
  private final AgentRunner.Waker receiver;
  private final LongAdder doorbells = new LongAdder();
  private final LongAdder callbacks = new LongAdder();
  private final LongAdder interrupts = new LongAdder();
  private volatile boolean busMaster;

  /**
   * Makes the agents.
   *
   * @param name of the function
   * @param number of the function
   * @param memory which its DMA reaches
   */
  FunctionWork(
      String name, Controller controller, int number, DmaMemory memory, AgentRunner runner) {
    this.memory = memory;
    transmitter =
        runner.add(
            name + "-transmit",
            () -> {
              callbacks.increment();
              return controller.transmit(number);
            });
    receiver =
        runner.add(
            name + "-receive",
            () -> {
              callbacks.increment();
              return controller.receive(number);
            });
  }

  /** Follows what the driver lets the function do. */
  void busMaster(boolean allowed) {
    boolean before = busMaster;
    busMaster = allowed;
    if (allowed && !before) {
      transmitter.wake();
      receiver.wake();
    }
  }

  DmaMemory memory() {
    return busMaster ? memory : null;
  }

  void wakeTransmitter() {
    transmitter.wake();
  }

  void wakeReceiver() {
    receiver.wake();
  }

  void rang() {
    doorbells.increment();
  }

  void interrupted() {
    interrupts.increment();
  }

  PciDevice.Work done() {
    return new PciDevice.Work(doorbells.sum(), callbacks.sum(), interrupts.sum());
  }
}
