package dev.ringzero.testkit.guest;

import dev.ringzero.memory.ContiguousMemory;

/** A bare-metal guest's memory on an engine of the host's processor. */
public record ContiguousRam(ContiguousMemory memory) implements BareMetalRam {
  @Override
  public void write(long gpa, byte[] source) {
    memory.write(gpa, source);
  }

  @Override
  public long read64(long gpa) {
    return memory.read64(gpa);
  }

  @Override
  public boolean touch(long gpa) {
    return false;
  }
}
