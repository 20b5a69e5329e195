package dev.ringzero.cpu;

import dev.ringzero.cpu.interpreter.CodeCache;
import dev.ringzero.cpu.interpreter.Executor;
import dev.ringzero.cpu.interpreter.Interpreter;
import dev.ringzero.cpu.level.Intercept;
import dev.ringzero.cpu.translator.ComparingExecutor;
import dev.ringzero.cpu.translator.TranslatingExecutor;
import dev.ringzero.engine.Clock;
import dev.ringzero.engine.Engine;
import dev.ringzero.engine.Entropy;
import dev.ringzero.engine.Execution;
import dev.ringzero.engine.InterruptSource;
import dev.ringzero.engine.VirtualCpu;
import dev.ringzero.memory.FrameMemory;
import dev.ringzero.memory.IoBus;
import java.util.Optional;
import java.util.Set;

/** Runs guest code on a processor written in Java. One engine serves one machine. */
public final class SoftwareEngine implements Engine {
  private final FrameMemory memory;
  private final Clock clock;
  private final Entropy entropy;
  private final CodeCache code;
  private final Execution execution;
  private final boolean translating;
  private final Virtualization virtualization;
  private Set<Intercept> absent = Set.of();
  private long absentControls;

  /**
   * An engine with the way to execute that suits this host. The system property {@code
   * ringzero.translator=false} makes it interpret everywhere.
   */
  public SoftwareEngine(FrameMemory memory, Clock clock, Entropy entropy) {
    this(
        memory,
        clock,
        entropy,
        new Execution(!"false".equals(System.getProperty("ringzero.translator")), false));
  }

  /** An engine that executes as told, where this host can: see {@link #whyNoTranslator}. */
  public SoftwareEngine(FrameMemory memory, Clock clock, Entropy entropy, Execution execution) {
    this(memory, clock, entropy, execution, Virtualization.NONE);
  }

  /** As above; its processors have this virtualization. */
  public SoftwareEngine(
      FrameMemory memory,
      Clock clock,
      Entropy entropy,
      Execution execution,
      Virtualization virtualization) {
    this.virtualization = virtualization;
    this.execution = execution;
    this.translating = execution.way() != Execution.Way.INTERPRETED && whyNoTranslator().isEmpty();
    this.memory = memory;
    this.clock = clock;
    this.entropy = entropy;
    this.code = new CodeCache(memory);
  }

  /**
   * Makes processors that are created from now on lack what their CPUID does not promise.
   *
   * @param instructions that are undefined
   * @param controls bits of CR4 that are reserved
   */
  public void leaveOut(Set<Intercept> instructions, long controls) {
    absent = instructions;
    absentControls = controls;
  }

  /** Why this host cannot run guest code as machine code, in one line; empty where it can. */
  public static Optional<String> whyNoTranslator() {
    return TranslatingExecutor.whyNot();
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
    switch (virtualization) {
      case NONE -> {}
      case VMX -> cpu.vmx.install(memory);
      case SVM -> cpu.svm.enable();
    }
    cpu.absent = absent;
    cpu.system.cr4Allowed &= ~absentControls;
    if (execution.checked()) {
      cpu.mmu.checked(memory);
    }
    return new SoftwareCpu(cpu, executor(cpu));
  }

  private Executor executor(Cpu cpu) {
    if (!translating) {
      return new Interpreter(cpu, code);
    }
    return execution.way() == Execution.Way.COMPARED
        ? new ComparingExecutor(cpu, code)
        : new TranslatingExecutor(cpu, code, execution.counted());
  }

  @Override
  public void close() {}
}
