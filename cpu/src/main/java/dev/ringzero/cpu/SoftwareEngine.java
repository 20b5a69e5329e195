package dev.ringzero.cpu;

import dev.ringzero.cpu.interpreter.CodeCache;
import dev.ringzero.engine.Clock;
import dev.ringzero.engine.Engine;
import dev.ringzero.engine.Entropy;
import dev.ringzero.engine.InterruptSource;
import dev.ringzero.engine.VirtualCpu;
import dev.ringzero.memory.GuestMemory;
import dev.ringzero.memory.IoBus;

/** Runs guest code on a processor written in Java. One engine serves one machine. */
public final class SoftwareEngine implements Engine {
  private final GuestMemory memory;
  private final Clock clock;
  private final Entropy entropy;
  private final CodeCache code;

  public SoftwareEngine(GuestMemory memory, Clock clock, Entropy entropy) {
    this.memory = memory;
    this.clock = clock;
    this.entropy = entropy;
    this.code = new CodeCache(memory);
  }

  @Override
  public String name() {
    return "software";
  }

  @Override
  public VirtualCpu createCpu(int id, InterruptSource interrupts, IoBus io) {
    Cpu cpu = new Cpu();
    cpu.id = id;
    cpu.io = io;
    cpu.clock = clock;
    cpu.entropy = entropy;
    cpu.interrupts = interrupts;
    cpu.mmu.attach(memory);
    return new SoftwareCpu(cpu, code);
  }

  @Override
  public void close() {}
}
