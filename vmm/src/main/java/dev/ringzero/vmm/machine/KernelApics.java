package dev.ringzero.vmm.machine;

import dev.ringzero.devices.ioapic.IoApic;
import dev.ringzero.engine.CpuSignals;
import dev.ringzero.engine.InterruptLine;
import dev.ringzero.engine.InterruptSource;
import dev.ringzero.engine.MsiTarget;
import dev.ringzero.engine.VirtualCpu;
import dev.ringzero.engine.state.Stateful;
import dev.ringzero.kvm.KvmEngine;
import dev.ringzero.memory.IoBus;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.function.IntSupplier;

/**
 * The local APICs that the host's kernel keeps: timers, interrupts between processors, HLT and
 * their starting up are its own. The 8259s and the I/O APIC stay ours.
 */
final class KernelApics implements ProcessorInterrupts {
  private final KvmEngine engine;
  private volatile CpuSignals boot;
  private volatile boolean externalRequest;
  private IntSupplier externalController = () -> -1;

  KernelApics(KvmEngine engine) {
    this.engine = engine;
  }

  @Override
  public MsiTarget messages() {
    return engine::send;
  }

  @Override
  public InterruptLine lint0() {
    return asserted -> {
      externalRequest = asserted;
      CpuSignals processor = boot;
      if (asserted && processor != null) {
        processor.interrupt();
      }
    };
  }

  @Override
  public void externalController(IntSupplier acknowledge) {
    externalController = acknowledge;
  }

  @Override
  public void onEndOfInterrupt(IntConsumer listener) {
    engine.onEndOfInterrupt(listener);
  }

  @Override
  public IoApic.Redirections redirections() {
    return engine::route;
  }

  @Override
  public InterruptSource sourceOf(int processor) {
    return new External(processor == 0);
  }

  @Override
  public IoBus busOf(int processor, IoBus shared) {
    return shared;
  }

  @Override
  public MsrBus msrs() {
    return new NoMsrs();
  }

  @Override
  public void connect(int processor, CpuSignals signals) {
    if (processor == 0) {
      boot = signals;
    }
  }

  @Override
  public boolean beginsAtOnce(int processor) {
    return true;
  }

  @Override
  public List<Stateful> units() {
    return List.of();
  }

  /** What of a processor's interrupts does not come from the kernel: those of the 8259s. */
  private final class External implements InterruptSource {
    private final boolean isBoot;
    private int priority;

    External(boolean isBoot) {
      this.isBoot = isBoot;
    }

    @Override
    public boolean pending() {
      return isBoot && externalRequest;
    }

    @Override
    public int acknowledge() {
      return pending() ? externalController.getAsInt() : -1;
    }

    @Override
    public int taskPriority() {
      return priority;
    }

    @Override
    public void taskPriority(int priorityClass) {
      priority = priorityClass;
    }
  }

  /** All registers that KVM does not know are not there. */
  private static final class NoMsrs implements MsrBus {
    @Override
    public long read(VirtualCpu cpu, int index) {
      throw new InvalidMsrAccess();
    }

    @Override
    public void write(VirtualCpu cpu, int index, long value) {
      throw new InvalidMsrAccess();
    }
  }
}
