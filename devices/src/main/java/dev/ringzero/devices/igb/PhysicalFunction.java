package dev.ringzero.devices.igb;

import dev.ringzero.devices.pci.ErrorReporting;
import dev.ringzero.devices.pci.Msi;
import dev.ringzero.devices.pci.Msix;
import dev.ringzero.devices.pci.PciDevice;
import dev.ringzero.devices.pci.PciExpress;
import dev.ringzero.devices.pci.PciFunction;
import dev.ringzero.devices.pci.PciIdentity;
import dev.ringzero.devices.pci.PowerManagement;
import dev.ringzero.devices.pci.VirtualFunctions;
import dev.ringzero.engine.AgentRunner;
import dev.ringzero.engine.MsiTarget;
import dev.ringzero.engine.state.Stateful;
import dev.ringzero.memory.DmaMemory;
import java.util.ArrayList;
import java.util.List;

/**
 * The physical function of the controller.
 *
 * <p>Not modelled: the BARs for flash and for access through I/O ports.
 */
public final class PhysicalFunction implements PciDevice {
  private static final int MSIX_BAR = 3;
  private static final int VECTORS = 10;

  private final Controller controller;
  private final PciFunction function;
  private final Msi msi;
  private final Msix msix;
  private final FunctionWork work;
  private final List<VirtualFunction> virtual = new ArrayList<>();
  private boolean asserted;

  /**
   * Makes the function, to be plugged into a bus.
   *
   * @param name of its state, such as "igb-eth0"
   * @param place on which kind of bus it will be
   */
  public PhysicalFunction(
      String name,
      PciExpress.Type place,
      Controller controller,
      DmaMemory memory,
      MsiTarget messages,
      AgentRunner runner) {
    this.controller = controller;
    function =
        new PciFunction(
            name,
            new PciIdentity(
                Identity.INTEL,
                Identity.PHYSICAL,
                Identity.REVISION,
                Identity.ETHERNET,
                Identity.INTEL,
                Identity.SUBSYSTEM));
    function.useInterruptPin(1);
    function.addMemoryBar(
        0, RegisterFile.BYTES, 0, new RegisterWindow(controller::read, controller::write));
    PowerManagement.add(function);
    msi = new Msi(function, 1, messages);
    msix = new Msix(function, MSIX_BAR, VECTORS, messages);
    ErrorReporting.add(function, PciExpress.add(function, place));
    work = new FunctionWork(name, controller, Controller.PHYSICAL, memory, runner);
    controller.connect(Controller.PHYSICAL, new Side());
    function.onReset(controller::reset);
    function.onConfigWrite((offset, size) -> work.busMaster(function.isBusMaster()));
  }

  public Controller controller() {
    return controller;
  }

  /** Gives the function virtual ones, before it is plugged in. */
  public VirtualFunctions with(List<VirtualFunction> functions) {
    virtual.addAll(functions);
    VirtualFunctions capability =
        new VirtualFunctions(
            function, functions.stream().map(VirtualFunction::function).toList(), Identity.VIRTUAL);
    function.onConfigWrite((offset, size) -> follow(capability));
    return capability;
  }

  private void follow(VirtualFunctions capability) {
    int present = capability.present();
    if (present != controller.virtualFunctions()) {
      controller.virtualFunctions(present);
    }
  }

  @Override
  public PciFunction function() {
    return function;
  }

  @Override
  public List<Stateful> units() {
    List<Stateful> units = new ArrayList<>(List.of(function, msix));
    virtual.forEach(one -> units.addAll(one.units()));
    units.add(controller);
    return units;
  }

  @Override
  public Work work() {
    return work.done();
  }

  /** A queue is at rest when its register says so. */
  @Override
  public void awaitIdle() {}

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

    /** What is asserted is asked under the function's lock, so that the last word is right. */
    @Override
    public void followPin() {
      synchronized (function) {
        boolean before = asserted;
        asserted = controller.interrupts().isAsserted();
        boolean rises = asserted && !before;
        if (msix.isEnabled()) {
          if (rises) {
            msix.signal(0);
          }
        } else if (msi.isEnabled()) {
          if (rises) {
            msi.signal(0);
          }
        } else {
          function.interrupt(asserted);
        }
      }
    }
  }
}
