package dev.ringzero.vmm.machine;

import dev.ringzero.devices.lapic.ApicMsrs;
import dev.ringzero.devices.lapic.LocalApic;
import dev.ringzero.engine.VirtualCpu;

/**
 * The model-specific registers of the local APICs; every other one is not there.
 *
 * <p>Not modelled: a TSC deadline that waits does not follow a later write to the time-stamp
 * counter.
 */
final class ApicMsrBus implements MsrBus {
  private final LocalApics apics;

  ApicMsrBus(LocalApics apics) {
    this.apics = apics;
  }

  @Override
  public long read(VirtualCpu cpu, int index) {
    ApicMsrs msrs = apics.of(cpu.id()).msrs();
    if (!msrs.canRead(index)) {
      throw new InvalidMsrAccess();
    }
    return msrs.read(index);
  }

  @Override
  public void write(VirtualCpu cpu, int index, long value) {
    LocalApic apic = apics.of(cpu.id());
    if (index == ApicMsrs.IA32_TSC_DEADLINE) {
      apic.tscOffset(cpu.tscOffset());
    }
    if (!apic.msrs().write(index, value)) {
      throw new InvalidMsrAccess();
    }
  }
}
