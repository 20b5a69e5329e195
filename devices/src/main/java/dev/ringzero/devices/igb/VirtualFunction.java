package dev.ringzero.devices.igb;

import dev.ringzero.devices.pci.ErrorReporting;
import dev.ringzero.devices.pci.Msix;
import dev.ringzero.devices.pci.PciDevice;
import dev.ringzero.devices.pci.PciExpress;
import dev.ringzero.devices.pci.PciFunction;
import dev.ringzero.devices.pci.PciIdentity;
import dev.ringzero.engine.AgentRunner;
import dev.ringzero.engine.MsiTarget;
import dev.ringzero.engine.state.Stateful;
import dev.ringzero.memory.DmaMemory;
import java.util.List;

/**
 * A virtual function of the controller: beside the physical one on its bus, or passed through to
 * another machine, where it looks like a device of its own.
 */
public final class VirtualFunction implements PciDevice {
  private static final int MSIX_BAR = 3;

  private final Controller controller;
  private final int number;
  private final PciFunction function;
  private final Msix msix;
  private final FunctionWork work;

  /**
   * Makes the function.
   *
   * @param name of its state, such as "igb-eth0v1"
   * @param number from 0 on
   * @param memory which its DMA reaches
   */
  public VirtualFunction(
      String name,
      PciExpress.Type place,
      Controller controller,
      int number,
      DmaMemory memory,
      MsiTarget messages,
      AgentRunner runner) {
    this.controller = controller;
    this.number = number;
    function =
        new PciFunction(
            name,
            new PciIdentity(
                Identity.INTEL,
                Identity.VIRTUAL,
                Identity.REVISION,
                Identity.ETHERNET,
                Identity.INTEL,
                Identity.SUBSYSTEM));
    VirtualRegisters registers = new VirtualRegisters(controller, number);
    function.addMemoryBar(
        0, VirtualRegisters.BYTES, 0, new RegisterWindow(registers::read, registers::write));
    msix = new Msix(function, MSIX_BAR, Interrupts.VECTORS_A_FUNCTION, messages);
    ErrorReporting.add(function, PciExpress.add(function, place));
    work = new FunctionWork(name, controller, number, memory, runner);
    controller.connect(number, new Side());
    function.onReset(() -> controller.resetFunction(number));
    function.onConfigWrite((offset, size) -> work.busMaster(function.isBusMaster()));
  }

  @Override
  public PciFunction function() {
    return function;
  }

  @Override
  public List<Stateful> units() {
    return List.of(function, msix);
  }

  @Override
  public Work work() {
    return work.done();
  }

  /** A queue is at rest when its register says so. */
  @Override
  public void awaitIdle() {}

  /** What went through the function, as its counters tell. */
  public Totals totals() {
    return controller.statistics().totals(number);
  }

  /** Takes the function back from the machine that had it. */
  public void disconnect() {
    controller.resetFunction(number);
    controller.connect(number, FunctionSide.NOBODY);
  }

  private final class Side implements FunctionSide {
    @Override
    public DmaMemory memory() {
      return work.memory();
    }

    @Override
    public void signal(int vector) {
      work.interrupted();
      msix.signal(vector);
    }

    @Override
    public void wakeTransmitter() {
      work.wakeTransmitter();
    }

    @Override
    public void rang() {
      work.rang();
    }

    @Override
    public void wakeReceiver() {
      work.wakeReceiver();
    }
  }
}
