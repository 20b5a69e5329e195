package dev.ringzero.cpu.level;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.ExitSignal;
import dev.ringzero.x86.instruction.Instruction;

/**
 * What a monitor that is itself a guest has asked for about its own guest, while that runs. Both
 * architectures let no inner guest start another without an exit to its monitor, which carries the
 * start out; so a processor has one such level at most, and monitors stack without limit.
 *
 * <p>A hook returns where its event goes on as usual, or throws {@code cpu.leaveLevel()}; then the
 * loop calls {@link #leave()}. An event whose delivery an exit interrupts waits in {@link
 * dev.ringzero.cpu.system.SystemRegisters} meanwhile: the level tells its monitor and takes it
 * back.
 */
public abstract class Level {
  protected final Cpu cpu;

  protected Level(Cpu cpu) {
    this.cpu = cpu;
  }

  /** Whether the monitor is asked at all: faults of privilege come before most exits. */
  protected boolean offered(Instruction i) {
    return Intercepted.privileged(cpu, i);
  }

  /**
   * An instruction that monitors may intercept is about to run.
   *
   * @return whether the level has carried it out
   */
  public abstract boolean instruction(Intercept what, Instruction i);

  /** An exception is about to be delivered. CR2 before it is in the system registers. */
  public abstract void exception(int vector, boolean hasErrorCode, int errorCode);

  /** A double fault cannot be delivered. */
  public abstract void tripleFault();

  /** How a task switch came about. */
  public enum TaskSwitchSource {
    CALL,
    IRET,
    JUMP,
    GATE
  }

  /** A task switch has passed its checks. */
  public void taskSwitch(
      int selector, TaskSwitchSource source, boolean hasErrorCode, int errorCode) {}

  /** Between instructions, before NMIs and interrupts are looked at. */
  public abstract void takeEvents();

  /** A system-management interrupt has arrived; there is no such mode, so that others drop it. */
  public void systemManagement() {}

  /** Whether an interrupt of the processor's that was not intercepted can be delivered now. */
  public abstract boolean interruptible();

  /** Whether something waits for the guest to enable interrupts. */
  public abstract boolean interruptWaits();

  /** Whether a pin or the guest's own flags would end a HLT that was not intercepted. */
  public abstract boolean wakes();

  /** The guest's time-stamp counter, from its monitor's. */
  public abstract long timeStamp(long monitors);

  /** Whether RDTSC, or RDTSCP, is the processor's own affair. */
  public boolean timeStampPasses(boolean withProcessor) {
    return false;
  }

  /** Whether every instruction must go through {@link #instruction}, translatable ones too. */
  public boolean interpretsAll() {
    return false;
  }

  /** Whether debug traps wait for {@link #takeEvents}. */
  public boolean takesDebugTraps() {
    return false;
  }

  /** Whether the level looks at each instruction of its guest's. */
  public boolean singleSteps() {
    return false;
  }

  /** Whether accesses to this physical address of the monitor's are the level's. */
  public boolean virtualizes(long gpa) {
    return false;
  }

  /** Reads where the level {@linkplain #virtualizes virtualizes}. */
  public long readVirtual(long gpa, int sizeBytes) {
    throw new UnsupportedOperationException();
  }

  /** Writes there. */
  public void writeVirtual(long gpa, int sizeBytes, long value) {
    throw new UnsupportedOperationException();
  }

  /** An instruction is to be fetched there. */
  public ExitSignal fetchVirtual(long gpa) {
    throw new UnsupportedOperationException();
  }

  /** Where a nested walk failed. */
  public enum NestedFaultPlace {
    /** The translation of the access itself. */
    FINAL,
    /** An entry of the guest's own tables. */
    TABLE
  }

  /**
   * The nested tables do not let an access through; what they say is in the walk.
   *
   * @param gpa the inner guest's physical address
   * @param linear the linear address, where one is known
   * @param access bits of {@link dev.ringzero.x86.Ept#RIGHTS}
   */
  public abstract ExitSignal nestedFault(
      long gpa, long linear, long access, NestedFaultPlace place);

  /**
   * Goes back to the monitor: after a {@link LevelExit}. May itself throw an exit to the level
   * outside, and is called again then.
   */
  public abstract void leave();

  /** The last exit to the monitor in words, for people. */
  public String lastExit() {
    return "exit";
  }
}
