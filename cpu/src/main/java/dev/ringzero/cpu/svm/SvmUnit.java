package dev.ringzero.cpu.svm;

import dev.ringzero.cpu.Attention;
import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.level.LevelExits;
import dev.ringzero.engine.VirtualCpu;
import dev.ringzero.engine.state.StateReader;
import dev.ringzero.engine.state.StateWriter;
import dev.ringzero.engine.state.Stateful;
import dev.ringzero.x86.AddressWidth;
import dev.ringzero.x86.Efer;
import dev.ringzero.x86.Vector;

/**
 * AMD's secure virtual machine: its model-specific registers, and the guest of the guest if one
 * runs.
 *
 * <p>Not modelled: SMM, SKINIT, encrypted guests (SEV), AVIC, virtual NMIs, branch records.
 *
 * @spec AMD64 APM Vol. 2, "Secure Virtual Machine"
 */
public final class SvmUnit implements Stateful {
  /** Address-space identifiers that tag translations: CPUID 8000_000AH EBX. */
  public static final int ASIDS = 64;

  /** One, as a factor of the time-stamp counter. */
  public static final long TSC_RATIO_ONE = 1L << 32;

  private static final int VM_CR = 0xC001_0114;
  private static final int IGNNE = 0xC001_0115;
  private static final int VM_HSAVE_PA = 0xC001_0117;
  private static final int SVM_KEY = 0xC001_0118;
  private static final int TSC_RATIO = 0xC000_0104;

  private static final long VM_CR_WRITABLE = 0x1F;
  private static final long VM_CR_LOCK = 1L << 3; // LOCK: SVMDIS and LOCK stay as they are
  private static final long VM_CR_SVMDIS = 1L << 4; // SVM Disable
  private static final long TSC_RATIO_BITS = 0xFF_FFFF_FFFFL;

  private final Cpu cpu;
  private final InnerGuest guest;

  private boolean present;

  /** An INIT signal waits; not part of the state, for the signal is kept elsewhere. */
  private boolean initBlocked;

  private long vmCr;
  private long hostSaveArea;
  private long tscRatio = TSC_RATIO_ONE;

  public SvmUnit(Cpu cpu) {
    this.cpu = cpu;
    this.guest = new InnerGuest(cpu);
  }

  /** The processor has SVM; once, before it runs. */
  public void enable() {
    present = true;
    cpu.system.amdSystemCalls = true;
    cpu.system.amd.enable();
    cpu.system.eferAllowed |= Efer.SVME;
  }

  public boolean present() {
    return present;
  }

  /** Whether instructions of SVM are there: else they are undefined. */
  boolean enabled() {
    return present && (cpu.efer & Efer.SVME) != 0;
  }

  /** INIT: waits while GIF is clear, may be intercepted in a guest, else resets. */
  public VirtualCpu.InitSignal initSignal() {
    if (!cpu.globalInterrupts) {
      initBlocked = true;
      return VirtualCpu.InitSignal.BLOCKED;
    }
    boolean taken = cpu.level == guest && guest.initSignal();
    return taken ? VirtualCpu.InitSignal.TAKEN : VirtualCpu.InitSignal.RESETS;
  }

  /** GIF is set: whoever holds an INIT signal is asked to try again. */
  void globalInterruptsSet() {
    cpu.globalInterrupts = true;
    if (initBlocked) {
      initBlocked = false;
      cpu.attention.raise(Attention.STOP);
    }
  }

  InnerGuest guest() {
    return guest;
  }

  /** What was counted of inner guests. */
  public LevelExits exits() {
    return guest.exits;
  }

  long tscRatio() {
    return tscRatio;
  }

  /** After RESET or INIT: no guest runs, and SVM is off. */
  public void reset(boolean init) {
    if (cpu.level == guest) {
      cpu.level = null;
      cpu.mmu.leaveSpace();
    }
    cpu.globalInterrupts = true;
    if (!init) {
      vmCr = 0;
      hostSaveArea = 0;
      tscRatio = TSC_RATIO_ONE;
    }
  }

  // Model-specific registers.

  /** Whether the unit holds this register. */
  public boolean holds(int index) {
    return present
        && switch (index) {
          case VM_CR, IGNNE, VM_HSAVE_PA, SVM_KEY, TSC_RATIO -> true;
          default -> false;
        };
  }

  public long read(int index) {
    return switch (index) {
      case VM_CR -> vmCr;
      case VM_HSAVE_PA -> hostSaveArea;
      case TSC_RATIO -> tscRatio;
      default -> 0;
    };
  }

  /**
   * Writes a register.
   *
   * @throws dev.ringzero.cpu.GuestFault #GP(0) for a value it cannot take
   */
  public void write(int index, long value) {
    switch (index) {
      case VM_CR -> writeVmCr(value);
      case VM_HSAVE_PA -> hostSaveArea = require(value, isPage(value));
      case TSC_RATIO -> tscRatio = require(value, (value & ~TSC_RATIO_BITS) == 0);
      default -> {}
    }
  }

  private void writeVmCr(long value) {
    require(value, (value & ~VM_CR_WRITABLE) == 0);
    long kept = (vmCr & VM_CR_LOCK) != 0 ? VM_CR_LOCK | VM_CR_SVMDIS : 0;
    boolean disables = (value & ~kept & VM_CR_SVMDIS) != 0;
    require(value, !disables || (cpu.efer & Efer.SVME) == 0);
    vmCr = value & ~kept | vmCr & kept;
  }

  /** Whether EFER.SVME may be set. */
  public boolean mayEnable() {
    return present && (vmCr & VM_CR_SVMDIS) == 0;
  }

  private long require(long value, boolean valid) {
    if (!valid) {
      throw cpu.fault(Vector.GP, 0);
    }
    return value;
  }

  /** Whether a value is the physical address of a page. */
  static boolean isPage(long gpa) {
    return (gpa & 0xFFF) == 0 && gpa >>> AddressWidth.PHYSICAL_BITS == 0;
  }

  @Override
  public String stateName() {
    return "svm";
  }

  @Override
  public int stateVersion() {
    return 1;
  }

  @Override
  public void save(StateWriter out) {
    out.writeLong(vmCr);
    out.writeLong(hostSaveArea);
    out.writeLong(tscRatio);
    out.writeBoolean(cpu.globalInterrupts);
    out.writeBoolean(cpu.level == guest);
    out.writeUnit(guest);
  }

  @Override
  public void restore(StateReader in, int version) {
    vmCr = in.readLong();
    hostSaveArea = in.readLong();
    tscRatio = in.readLong();
    cpu.globalInterrupts = in.readBoolean();
    boolean running = in.readBoolean();
    in.readUnit(guest);
    if (cpu.level == guest) {
      cpu.level = null;
      cpu.mmu.leaveSpace();
    }
    if (running) {
      guest.resume();
    }
  }
}
