package dev.ringzero.vmm.machine;

import dev.ringzero.devices.ioapic.IoApic;
import dev.ringzero.devices.lapic.ApicBus;
import dev.ringzero.devices.lapic.LocalApic;
import dev.ringzero.devices.lapic.ProcessorBus;
import dev.ringzero.engine.Clock;
import dev.ringzero.engine.CpuSignals;
import dev.ringzero.engine.InterruptLine;
import dev.ringzero.engine.InterruptSource;
import dev.ringzero.engine.MsiTarget;
import dev.ringzero.engine.state.Stateful;
import dev.ringzero.memory.IoBus;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.function.IntSupplier;

/** RingZero's own local APICs, as firmware leaves them. */
final class LocalApics implements ProcessorInterrupts {
  private final ApicBus bus;
  private final List<LocalApic> apics = new ArrayList<>();
  private final MsrBus msrs = new ApicMsrBus(this);

  LocalApics(int processors, Clock clock) {
    bus = new ApicBus(processors);
    for (int id = 0; id < processors; id++) {
      LocalApic apic = new LocalApic(id, clock, bus);
      apic.enterVirtualWireMode();
      apics.add(apic);
    }
  }

  /** Makes them those of processors that have no x2APIC mode. */
  LocalApics withoutX2Apic() {
    apics.forEach(LocalApic::forgetX2Apic);
    return this;
  }

  LocalApic of(int processor) {
    return apics.get(processor);
  }

  @Override
  public MsiTarget messages() {
    return bus;
  }

  @Override
  public InterruptLine lint0() {
    return apics.getFirst().lint0();
  }

  @Override
  public void externalController(IntSupplier acknowledge) {
    apics.getFirst().externalController(acknowledge);
  }

  @Override
  public void onEndOfInterrupt(IntConsumer listener) {
    bus.onEndOfInterrupt(listener);
  }

  @Override
  public IoApic.Redirections redirections() {
    return IoApic.Redirections.NOBODY;
  }

  @Override
  public InterruptSource sourceOf(int processor) {
    return apics.get(processor);
  }

  @Override
  public IoBus busOf(int processor, IoBus shared) {
    return new ProcessorBus(shared, apics.get(processor));
  }

  @Override
  public MsrBus msrs() {
    return msrs;
  }

  @Override
  public void connect(int processor, CpuSignals signals) {
    apics.get(processor).connect(signals);
  }

  @Override
  public boolean beginsAtOnce(int processor) {
    return processor == 0;
  }

  @Override
  public List<Stateful> units() {
    return List.copyOf(apics);
  }
}
