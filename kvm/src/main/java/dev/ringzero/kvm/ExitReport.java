package dev.ringzero.kvm;

import dev.ringzero.engine.Clock;
import dev.ringzero.engine.ExitCounters;
import dev.ringzero.engine.Tracer;
import dev.ringzero.engine.VirtualCpu;
import dev.ringzero.engine.VmExit;
import dev.ringzero.x86.ExitReason;

/** A vCPU's last exit, the count of all of them, and who watches. */
final class ExitReport {
  private final VirtualCpu cpu;
  private final Clock clock;
  private final VmExit exit = new VmExit();
  private final ExitCounters counters = new ExitCounters();
  private Tracer tracer;
  private boolean open;
  private long sinceNanos;

  ExitReport(VirtualCpu cpu, Clock clock) {
    this.cpu = cpu;
    this.clock = clock;
  }

  VmExit exit() {
    return exit;
  }

  ExitCounters counters() {
    return counters;
  }

  void tracer(Tracer next) {
    tracer = next;
  }

  /** The monitor is done with the last exit. */
  void end() {
    if (open) {
      counters.add(exit.reason, clock.nanoTime() - sinceNanos);
      open = false;
    }
  }

  void clear() {
    exit.qualification = 0;
    exit.instructionLength = 0;
    exit.gpa = 0;
    exit.gva = 0;
    exit.interruptionInformation = 0;
    exit.interruptionErrorCode = 0;
  }

  /** The vCPU leaves for the monitor. */
  ExitReason begin(ExitReason reason) {
    exit.reason = reason;
    open = true;
    sinceNanos = clock.nanoTime();
    if (tracer != null) {
      tracer.exit(cpu, reason, exit.qualification, exit.gpa);
    }
    return reason;
  }

  /** An access of a device is complete. */
  void device(ExitReason reason, long gpa) {
    if (tracer != null) {
      tracer.exit(cpu, reason, 0, gpa);
    }
  }

  /** The guest is about to take an interrupt. */
  void interrupt(int vector) {
    if (tracer != null) {
      tracer.event(cpu, vector, true, 0);
    }
  }
}
