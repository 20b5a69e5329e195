package dev.ringzero.cpu.vmx;

import dev.ringzero.cpu.Attention;
import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.Flags;
import dev.ringzero.engine.InnerExits;
import dev.ringzero.engine.VirtualCpu;
import dev.ringzero.engine.state.StateException;
import dev.ringzero.engine.state.StateReader;
import dev.ringzero.engine.state.StateWriter;
import dev.ringzero.engine.state.Stateful;
import dev.ringzero.memory.FrameMemory;
import dev.ringzero.memory.GuestMemory;
import dev.ringzero.x86.AddressWidth;
import dev.ringzero.x86.Cr0;
import dev.ringzero.x86.Cr4;
import dev.ringzero.x86.ExitReason;
import dev.ringzero.x86.Rflags;
import dev.ringzero.x86.vmx.SecondaryControls;
import dev.ringzero.x86.vmx.VmcsField;

/**
 * The VT-x unit of a processor: whether it is in VMX operation, and its current VMCS.
 *
 * <p>Not modelled: SMM and SMX, so that VMXON inside SMX never is allowed.
 *
 * @spec Intel SDM Vol. 3C, "Introduction to Virtual Machine Extensions"; "VMX Instruction
 *     Reference"
 */
public final class Vmx implements Stateful {
  static final int IA32_FEATURE_CONTROL = 0x3A;

  /** No VMCS. */
  static final long NONE = -1;

  private static final long FEATURE_CONTROL_LOCK = 1L << 0;
  private static final long FEATURE_CONTROL_VMXON_OUTSIDE_SMX = 1L << 2;

  private final Cpu cpu;
  final Vmcs vmcs = new Vmcs();

  /** Whether the processor has VT-x at all. */
  private boolean present;

  private FrameMemory memory;
  private VmxLevel level;
  private long featureControl;

  /** In VMX operation. */
  boolean on;

  /** An INIT signal waits; not part of the state, for the signal is kept elsewhere. */
  private boolean initBlocked;

  long vmxonPointer = NONE;
  long currentPointer = NONE;

  public Vmx(Cpu cpu) {
    this.cpu = cpu;
  }

  /** Gives the processor VT-x; once, before it runs. */
  public void install(FrameMemory guestMemory) {
    present = true;
    memory = guestMemory;
    level = new VmxLevel(cpu, this);
    cpu.system.cr4Allowed |= Cr4.VMXE;
  }

  /** What was counted of inner guests. */
  public InnerExits exits() {
    return level.counters;
  }

  /** What the guest of the current VMCS runs under. */
  VmxLevel level() {
    return level;
  }

  public boolean present() {
    return present;
  }

  GuestMemory memory() {
    return memory;
  }

  /** Replaces 8 aligned bytes of memory if they are as expected, in one atomic step. */
  boolean replace64(long gpa, long expected, long value) {
    return !memory.isRam(gpa, 8) || memory.compareAndSet64(gpa, expected, value);
  }

  // Model-specific registers.

  /** Whether an MSR is of this unit. */
  public boolean holds(int index) {
    return present && (index == IA32_FEATURE_CONTROL || VmxCapabilities.isCapability(index));
  }

  /** Reads an MSR that the unit {@linkplain #holds holds}. */
  public long readMsr(int index) {
    return index == IA32_FEATURE_CONTROL ? featureControl : VmxCapabilities.read(cpu, index);
  }

  /**
   * Writes an MSR that the unit {@linkplain #holds holds}.
   *
   * @return false for #GP(0)
   */
  public boolean writeMsr(int index, long value) {
    long bits = FEATURE_CONTROL_LOCK | FEATURE_CONTROL_VMXON_OUTSIDE_SMX;
    boolean allowed =
        index == IA32_FEATURE_CONTROL
            && (featureControl & FEATURE_CONTROL_LOCK) == 0
            && (value & ~bits) == 0;
    if (allowed) {
      featureControl = value;
    }
    return allowed;
  }

  /** Whether IA32_FEATURE_CONTROL lets VMXON run. */
  boolean enabledByFirmware() {
    long needed = FEATURE_CONTROL_LOCK | FEATURE_CONTROL_VMXON_OUTSIDE_SMX;
    return (featureControl & needed) == needed;
  }

  // What VMX operation allows.

  /** Whether CR0 may take a value; in VMX operation some bits are fixed. */
  public boolean cr0Allowed(long value) {
    if (!on) {
      return true;
    }
    boolean unrestricted =
        cpu.level != null && level.secondary(SecondaryControls.UNRESTRICTED_GUEST);
    return guestCr0Allowed(value, unrestricted);
  }

  /** Whether a guest's CR0 may have a value. */
  boolean guestCr0Allowed(long value, boolean unrestricted) {
    return VmxCapabilities.cr0Allowed(unrestricted ? value | Cr0.PE | Cr0.PG : value);
  }

  /** Whether CR4 may take a value; in VMX operation VMXE is fixed. */
  public boolean cr4Allowed(long value) {
    return !on || VmxCapabilities.cr4Allowed(cpu, value);
  }

  /** RESET, or INIT outside of VMX operation. */
  public void reset(boolean init) {
    abandon();
    on = false;
    vmxonPointer = NONE;
    currentPointer = NONE;
    if (!init) {
      featureControl = 0;
    }
  }

  /** INIT: blocked in root operation, an exit in a guest. */
  public VirtualCpu.InitSignal initSignal() {
    if (!on) {
      return VirtualCpu.InitSignal.RESETS;
    }
    if (!running() || level.events.activity == Activity.WAIT_FOR_SIPI) {
      initBlocked = true;
      return VirtualCpu.InitSignal.BLOCKED;
    }
    level.events.trap(ExitReason.INIT_SIGNAL, 0);
    return VirtualCpu.InitSignal.TAKEN;
  }

  /** The state that blocks INIT is left: whoever holds the signal is asked to try again. */
  void unblockInit() {
    if (initBlocked) {
      initBlocked = false;
      cpu.attention.raise(Attention.STOP);
    }
  }

  /** A startup signal: an exit where a guest waits for one, else without effect. */
  public boolean startupSignal(int vector) {
    if (running() && level.events.activity == Activity.WAIT_FOR_SIPI) {
      level.events.trap(ExitReason.STARTUP_IPI, vector);
    }
    return on;
  }

  // How an instruction ends.

  void succeed() {
    Flags.status(cpu, 0);
  }

  void failInvalid() {
    Flags.status(cpu, Rflags.CF);
  }

  /** VMfailValid with an error number if there is a current VMCS, else VMfailInvalid. */
  void fail(int error) {
    if (currentPointer == NONE) {
      failInvalid();
    } else {
      vmcs.set32(VmcsField.INSTRUCTION_ERROR, error);
      Flags.status(cpu, Rflags.ZF);
    }
  }

  // Which VMCS is current.

  /** Makes a VMCS the current one, or none. */
  void current(long pointer) {
    if (pointer == currentPointer) {
      return;
    }
    if (currentPointer != NONE) {
      vmcs.store(memory, currentPointer);
    }
    currentPointer = pointer;
    if (pointer != NONE) {
      vmcs.load(memory, pointer);
    }
  }

  /** Whether an address can be that of a page-aligned structure. */
  static boolean validPage(long gpa) {
    return (gpa & 4095) == 0 && gpa >>> AddressWidth.PHYSICAL_BITS == 0;
  }

  // State.

  @Override
  public String stateName() {
    return "vmx";
  }

  @Override
  public int stateVersion() {
    return 1;
  }

  @Override
  public void save(StateWriter out) {
    out.writeLong(featureControl);
    out.writeBoolean(on);
    out.writeLong(vmxonPointer);
    out.writeLong(currentPointer);
    out.writeLongs(vmcs.state());
    out.writeBoolean(running());
    if (running()) {
      out.writeUnit(level.events);
    }
  }

  private boolean running() {
    return level != null && cpu.level == level;
  }

  private void abandon() {
    if (running()) {
      level.events.abandon();
      cpu.level = null;
      cpu.mmu.leaveSpace();
    }
  }

  @Override
  public void restore(StateReader in, int version) {
    if (version != 1) {
      throw new StateException("VT-x state of version " + version);
    }
    featureControl = in.readLong();
    on = in.readBoolean();
    vmxonPointer = in.readLong();
    currentPointer = in.readLong();
    in.readLongs(vmcs.state());
    abandon();
    if (in.readBoolean()) {
      if (!present) {
        throw new StateException("a guest of VT-x on a processor without it");
      }
      level.resume();
      in.readUnit(level.events);
    }
  }
}
