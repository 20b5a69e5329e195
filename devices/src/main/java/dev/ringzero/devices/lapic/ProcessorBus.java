package dev.ringzero.devices.lapic;

import dev.ringzero.memory.IoBus;

/**
 * The buses as one processor sees them: the register page of its own local APIC lies over what all
 * processors share.
 */
public final class ProcessorBus implements IoBus {
  private static final int PAGE_MASK = 0xFFF;

  private final IoBus shared;
  private final LocalApic apic;

  public ProcessorBus(IoBus shared, LocalApic apic) {
    this.shared = shared;
    this.apic = apic;
  }

  @Override
  public long readPort(int port, int sizeBytes) {
    return shared.readPort(port, sizeBytes);
  }

  @Override
  public void writePort(int port, int sizeBytes, long value) {
    shared.writePort(port, sizeBytes, value);
  }

  @Override
  public boolean claims(long gpa) {
    return apic.answersAt(gpa) || shared.claims(gpa);
  }

  @Override
  public long read(long gpa, int sizeBytes) {
    return apic.answersAt(gpa)
        ? apic.read(gpa & PAGE_MASK, sizeBytes)
        : shared.read(gpa, sizeBytes);
  }

  @Override
  public void write(long gpa, int sizeBytes, long value) {
    if (apic.answersAt(gpa)) {
      apic.write(gpa & PAGE_MASK, sizeBytes, value);
    } else {
      shared.write(gpa, sizeBytes, value);
    }
  }
}
