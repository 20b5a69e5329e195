package dev.ringzero.vmm.machine;

import dev.ringzero.devices.lapic.LocalApic;
import dev.ringzero.engine.VirtualCpu;

/** The model-specific registers of the local APICs; every other one is not there. */
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
    if (!LocalApic.ownsMsr(index) || !board.localApic(cpu.id()).writeMsr(index, value)) {
      throw new InvalidMsrAccess();
    }
  }
}
