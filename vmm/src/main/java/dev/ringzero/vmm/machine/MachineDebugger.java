package dev.ringzero.vmm.machine;

import dev.ringzero.engine.VirtualCpu;
import dev.ringzero.memory.GuestMemory;
import dev.ringzero.vmm.gdb.DebugTarget;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Lets a debugger hold, step and look into a machine. */
final class MachineDebugger implements DebugTarget {
  private static final long PAGE = 4096;

  private final RunGate gate;
  private final List<CpuRunner> runners;
  private final GuestMemory memory;
  private final TreeSet<Long> breakpoints = new TreeSet<>();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition stopped = lock.newCondition();
  private Stop stop;

  MachineDebugger(RunGate gate, List<CpuRunner> runners, GuestMemory memory) {
    this.gate = gate;
    this.runners = runners;
    this.memory = memory;
    runners.forEach(runner -> runner.onDebugStop(this::reached));
    gate.onEnd(() -> stopFor(new Stop(Reason.END, 0)));
  }

  private void reached(CpuRunner runner) {
    gate.close();
    stopFor(new Stop(Reason.BREAKPOINT, runner.cpu().id()));
  }

  private void stopFor(Stop why) {
    lock.lock();
    try {
      if (stop == null) {
        stop = why;
      }
      stopped.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public int cpuCount() {
    return runners.size();
  }

  @Override
  public VirtualCpu cpu(int id) {
    return runners.get(id).cpu();
  }

  @Override
  public Stop resume() {
    return runUntilStop(null);
  }

  @Override
  public Stop step(int cpu) {
    CpuRunner runner = runners.get(cpu);
    runner.cpu().singleStep(true);
    try {
      Stop end = runUntilStop(runner);
      return end.reason() == Reason.BREAKPOINT ? new Stop(Reason.STEP, cpu) : end;
    } finally {
      runner.cpu().singleStep(false);
    }
  }

  private Stop runUntilStop(CpuRunner only) {
    lock.lock();
    try {
      stop = gate.ended() ? new Stop(Reason.END, 0) : null;
    } finally {
      lock.unlock();
    }
    gate.openFor(only);
    Stop why = awaitStop();
    gate.hold();
    return why;
  }

  private Stop awaitStop() {
    lock.lock();
    try {
      while (stop == null) {
        stopped.awaitUninterruptibly();
      }
      return stop;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void interrupt() {
    gate.hold();
    stopFor(new Stop(Reason.INTERRUPT, 0));
  }

  @Override
  public void addBreakpoint(long gva) {
    breakpoints.add(gva);
    setBreakpoints();
  }

  @Override
  public void removeBreakpoint(long gva) {
    breakpoints.remove(gva);
    setBreakpoints();
  }

  private void setBreakpoints() {
    long[] all = breakpoints.stream().mapToLong(Long::longValue).toArray();
    runners.forEach(runner -> runner.cpu().breakpoints(all));
  }

  @Override
  public void resumeDetached() {
    breakpoints.clear();
    setBreakpoints();
    gate.open();
  }

  @Override
  public void kill() {
    gate.end(new MachineEnd(MachineEnd.Cause.STOPPED, "killed by the debugger"));
  }

  @Override
  public byte[] readMemory(int cpu, long gva, int lengthBytes) {
    byte[] bytes = new byte[lengthBytes];
    int done = 0;
    while (done < lengthBytes) {
      long gpa = runners.get(cpu).cpu().translate(gva + done);
      int length = (int) Math.min(PAGE - (gva + done & PAGE - 1), lengthBytes - done);
      if (gpa == -1 || !memory.read(gpa, bytes, done, length)) {
        break;
      }
      done += length;
    }
    return Arrays.copyOf(bytes, done);
  }

  @Override
  public boolean writeMemory(int cpu, long gva, byte[] bytes) {
    int done = 0;
    while (done < bytes.length) {
      long gpa = runners.get(cpu).cpu().translate(gva + done);
      int length = (int) Math.min(PAGE - (gva + done & PAGE - 1), bytes.length - done);
      if (gpa == -1 || !memory.write(gpa, bytes, done, length)) {
        return false;
      }
      done += length;
    }
    return true;
  }
}
