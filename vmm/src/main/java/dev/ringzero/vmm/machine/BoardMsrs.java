package dev.ringzero.vmm.machine;

import dev.ringzero.devices.lapic.LocalApic;
import dev.ringzero.engine.VirtualCpu;

/**
 * The model-specific registers of the local APICs; every other one is not there.
 *
 * <p>Not modelled: a TSC deadline that waits does not follow a later write to the time-stamp counter.
 */
final class BoardMsrs implements MsrBus {
  private final Board board;

  BoardMsrs(Board board) {
    this.board = board;
  }

  @Override
  public long read(VirtualCpu cpu, int index) {
    LocalApic apic = board.localApic(cpu.id());
    if (!LocalApic.ownsMsr(index) || !apic.canReadMsr(index)) {
      throw new InvalidMsrAccess();
    }
    return apic.readMsr(index);
  }

  @Override
  public void write(VirtualCpu cpu, int index, long value) {
    LocalApic apic = board.localApic(cpu.id());
    if (index == LocalApic.IA32_TSC_DEADLINE) {
      apic.tscOffset(cpu.tscOffset());
    }
    if (!LocalApic.ownsMsr(index) || !apic.writeMsr(index, value)) {
      throw new InvalidMsrAccess();
    }
  }
}
