package dev.ringzero.vmm.cpuid;

import dev.ringzero.cpu.svm.SvmUnit;
import dev.ringzero.engine.Register;
import dev.ringzero.engine.VirtualCpu;
import dev.ringzero.vmm.cpuid.CpuFeature.Output;
import dev.ringzero.x86.AddressWidth;
import dev.ringzero.x86.CpuidLeaf;
import dev.ringzero.x86.Cr4;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Answers CPUID for the processors of one machine.
 *
 * <p>Not modelled: leaf 2's list of TLBs, power management (leaf 6 but ARAT), performance
 * monitoring, MONITOR; packages and hyperthreads: all processors are cores of one package.
 *
 * @spec Intel SDM Vol. 2A, "CPUID"
 */
public final class Cpuid {
  private static final int MAX_BASIC = 0x16;
  private static final int LIMITED_BASIC = 0x2;
  private static final int LAST_FEATURE_SUBLEAF = 2; // of leaf 7
  private static final int HYPERVISOR_BASE = 0x4000_0000;
  private static final int MAX_EXTENDED = 0x8000_0008;
  private static final int MAX_BASIC_AMD = 0xD;
  private static final int MAX_EXTENDED_AMD = 0x8000_0021;
  private static final int SVM_REVISION = 1;

  /** A leaf that tells nothing. */
  private static final int NO_LEAF = -1;

  /** Bits of leaf 1 EDX that AMD's leaf 8000_0001H repeats. */
  private static final int REPEATED = 0x0183_F3FF;

  private static final String HYPERVISOR_SIGNATURE = "RingZeroRZVM";

  private static final int IA32_MISC_ENABLE = 0x1A0;
  private static final long MISC_ENABLE_LIMIT_CPUID = 1L << 22; // Limit CPUID Maxval
  private static final long MISC_ENABLE_XD_DISABLE = 1L << 34; // XD Bit Disable

  private static final int CACHE_LINE_BYTES = 64;
  private static final int OSXSAVE = 1 << 27; // leaf 1 ECX
  private static final int OSPKE = 1 << 4; // leaf 7 ECX
  private static final int HTT = 1 << 28; // leaf 1 EDX
  private static final int LEVEL_SMT = 1;
  private static final int LEVEL_CORE = 2;

  private final CpuModel model;
  private final int cpus;
  private final long tscHertz;
  private final long crystalHertz;
  private final ExtendedStateLeaf extendedState;
  private final int physicalBits;

  // The processor that asks, as far as answers depend on it.
  private int cpuId;
  private boolean apicEnabled = true;
  private boolean stateEnabled;
  private boolean keys;
  private long enabledState;
  private long miscEnable;

  private int eax;
  private int ebx;
  private int ecx;
  private int edx;

  /**
   * Answers for a machine.
   *
   * @param cpus number of processors
   * @param tscHertz ticks per second of the time-stamp counter
   * @param crystalHertz input clock of the local APIC's timer
   */
  public Cpuid(CpuModel model, int cpus, long tscHertz, long crystalHertz) {
    this(model, cpus, tscHertz, crystalHertz, AddressWidth.PHYSICAL_BITS);
  }

  /**
   * Answers for a machine on a processor that is not ours.
   *
   * @param physicalBits how wide physical addresses are
   */
  public Cpuid(CpuModel model, int cpus, long tscHertz, long crystalHertz, int physicalBits) {
    this.model = model;
    this.cpus = cpus;
    this.tscHertz = tscHertz;
    this.crystalHertz = crystalHertz;
    this.extendedState = new ExtendedStateLeaf(model);
    this.physicalBits = physicalBits;
  }

  public CpuModel model() {
    return model;
  }

  public int physicalBits() {
    return physicalBits;
  }

  /** Carries out the CPUID that a processor has just exited for, and moves it on. */
  public void execute(VirtualCpu cpu) {
    execute(cpu, true);
  }

  /** As {@link #execute(VirtualCpu)}, where the local APIC may have been switched off. */
  public synchronized void execute(VirtualCpu cpu, boolean withApic) {
    apicEnabled = withApic;
    miscEnable = cpu.msr(IA32_MISC_ENABLE);
    cpuId = cpu.id();
    stateEnabled = (cpu.register(Register.CR4) & Cr4.OSXSAVE) != 0;
    keys = (cpu.register(Register.CR4) & Cr4.PKE) != 0;
    enabledState = cpu.register(Register.XCR0);
    answer((int) cpu.register(Register.RAX), (int) cpu.register(Register.RCX));
    cpu.register(Register.RAX, eax & 0xFFFF_FFFFL);
    cpu.register(Register.RBX, ebx & 0xFFFF_FFFFL);
    cpu.register(Register.RCX, ecx & 0xFFFF_FFFFL);
    cpu.register(Register.RDX, edx & 0xFFFF_FFFFL);
    cpu.skipInstruction();
  }

  /** All answers, as the first processor gets them after RESET. */
  public synchronized List<CpuidLeaf> table() {
    cpuId = 0;
    apicEnabled = true;
    stateEnabled = false;
    keys = false;
    enabledState = 0;
    miscEnable = 0;
    List<CpuidLeaf> table = new ArrayList<>();
    for (int leaf = 0; leaf <= maxBasic(); leaf++) {
      add(leaf, table);
    }
    add(HYPERVISOR_BASE, table);
    for (int leaf = 0x8000_0000; leaf <= maxExtended(); leaf++) {
      add(leaf, table);
    }
    return table;
  }

  private void add(int leaf, List<CpuidLeaf> table) {
    int subleaves =
        switch (leaf) {
          case 0x4, 0x8000_001D -> Cache.values().length + 1;
          case 0x7 -> LAST_FEATURE_SUBLEAF + 1;
          case 0xB, 0xD -> 3;
          default -> 1;
        };
    for (int subleaf = 0; subleaf < subleaves; subleaf++) {
      answer(leaf, subleaf);
      table.add(new CpuidLeaf(leaf, subleaf, subleaves > 1, eax, ebx, ecx, edx));
    }
  }

  private void answer(int asked, int subleaf) {
    int leaf = known(asked);
    set(0, 0, 0, 0);
    if (model.isAmd() && answerAsAmd(leaf, subleaf)) {
      features(leaf, subleaf);
      return;
    }
    switch (leaf) {
      case 0x0 -> vendor();
      case 0x1 -> version();
      case 0x2 -> set(0x00FF_FF01, 0, 0, 0);
      case 0x4 -> cache(subleaf);
      case 0x7 ->
          set(subleaf == 0 ? LAST_FEATURE_SUBLEAF : 0, 0, subleaf == 0 && keys ? OSPKE : 0, 0);
      case 0xB -> topology(subleaf);
      case 0xD -> extendedState(subleaf);
      case 0x15 -> timeStampCounter();
      case 0x16 -> frequencies();
      case HYPERVISOR_BASE -> hypervisor();
      case 0x8000_0000 -> set(MAX_EXTENDED, 0, 0, 0);
      case 0x8000_0002, 0x8000_0003, 0x8000_0004 -> brand(leaf - 0x8000_0002);
      case 0x8000_0006 -> set(0, 0, Cache.L2.extendedLeaf(), 0);
      case 0x8000_0008 -> set(physicalBits | AddressWidth.LINEAR_BITS << 8, 0, 0, 0);
      default -> {}
    }
    features(leaf, subleaf);
  }

  /** The leaves in which AMD's processors differ. */
  private boolean answerAsAmd(int leaf, int subleaf) {
    switch (leaf) {
      case 0x2, 0x4 -> {}
      case 0x8000_0000 -> {
        vendor();
        eax = MAX_EXTENDED_AMD;
      }
      case 0x8000_0001 -> {
        set(model.signature(), 0, 0, 0);
        features(1, 0);
        set(model.signature(), 0, 0, edx & REPEATED);
      }
      case 0x8000_0005 -> set(0, 0, Cache.L1_DATA.amdLevel1(), Cache.L1_INSTRUCTION.amdLevel1());
      case 0x8000_0006 -> set(0, 0, Cache.L2.extendedLeaf(), 0);
      case 0x8000_0008 -> {
        int idBits = 32 - Integer.numberOfLeadingZeros(Math.max(0, cpus - 1));
        set(physicalBits | AddressWidth.LINEAR_BITS << 8, 0, idBits << 12 | cpus - 1 & 0xFF, 0);
      }
      case 0x8000_000A -> set(SVM_REVISION, SvmUnit.ASIDS, 0, 0);
      case 0x8000_001D -> {
        cache(subleaf);
        eax &= 0x03FF_FFFF;
      }
      case 0x8000_001E -> set(cpuId, cpuId & 0xFF, 0, 0);
      default -> {
        return false;
      }
    }
    return true;
  }

  private int maxBasic() {
    return model.isAmd() ? MAX_BASIC_AMD : MAX_BASIC;
  }

  private int maxExtended() {
    return model.isAmd() ? MAX_EXTENDED_AMD : MAX_EXTENDED;
  }

  /** The leaf that answers: above the last basic one that one does, as on Intel's processors. */
  private int known(int leaf) {
    boolean hypervisor = leaf >>> 8 == HYPERVISOR_BASE >>> 8 && model.has(CpuFeature.HYPERVISOR);
    boolean extended = leaf >>> 16 == 0x8000 && Integer.compareUnsigned(leaf, maxExtended()) <= 0;
    boolean basic = Integer.compareUnsigned(leaf, maxBasic()) <= 0;
    if (hypervisor || extended || basic) {
      return leaf;
    }
    return model.isAmd() ? NO_LEAF : MAX_BASIC;
  }

  private void set(int a, int b, int c, int d) {
    eax = a;
    ebx = b;
    ecx = c;
    edx = d;
  }

  private void features(int leaf, int subleaf) {
    for (CpuFeature feature : model.features()) {
      boolean here = feature.leaf == leaf && (leaf < 7 || feature.subleaf == subleaf);
      if (here && isOn(feature)) {
        promise(feature.output, 1 << feature.bit);
      }
    }
  }

  /** Whether software has left on what can be switched off. */
  private boolean isOn(CpuFeature feature) {
    return switch (feature) {
      case APIC -> apicEnabled;
      case NX -> (miscEnable & MISC_ENABLE_XD_DISABLE) == 0;
      default -> true;
    };
  }

  private void promise(Output output, int bit) {
    switch (output) {
      case EAX -> eax |= bit;
      case EBX -> ebx |= bit;
      case ECX -> ecx |= bit;
      case EDX -> edx |= bit;
    }
  }

  private void vendor() {
    String vendor = model.vendor();
    boolean limited = (miscEnable & MISC_ENABLE_LIMIT_CPUID) != 0;
    set(limited ? LIMITED_BASIC : maxBasic(), word(vendor, 0), word(vendor, 8), word(vendor, 4));
  }

  private static int word(String text, int at) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    int word = 0;
    for (int n = 3; n >= 0; n--) {
      word = word << 8 | (at + n < bytes.length ? bytes[at + n] : 0);
    }
    return word;
  }

  private void version() {
    int addressable = Integer.highestOneBit(Math.max(1, 2 * cpus - 1));
    int shown = Math.min(addressable, 255);
    set(
        model.signature(),
        (cpuId & 0xFF) << 24 | shown << 16 | CACHE_LINE_BYTES / 8 << 8,
        stateEnabled ? OSXSAVE : 0,
        cpus > 1 ? HTT : 0);
  }

  private void cache(int subleaf) {
    if (subleaf < 0 || subleaf >= Cache.values().length) {
      return;
    }
    Cache cache = Cache.values()[subleaf];
    int cores = Math.min(Integer.highestOneBit(Math.max(1, 2 * cpus - 1)), 64) - 1;
    int sharing = cache == Cache.L3 ? Integer.highestOneBit(Math.max(1, 2 * cpus - 1)) - 1 : 0;
    set(
        cores << 26 | (sharing & 0xFFF) << 14 | 1 << 8 | cache.level << 5 | cache.type,
        (cache.ways - 1) << 22 | CACHE_LINE_BYTES - 1,
        cache.sets() - 1,
        0);
  }

  private void topology(int subleaf) {
    int coreBits = 32 - Integer.numberOfLeadingZeros(Math.max(0, cpus - 1));
    switch (subleaf) {
      case 0 -> set(0, 1, LEVEL_SMT << 8, cpuId);
      case 1 -> set(coreBits, cpus, LEVEL_CORE << 8 | 1, cpuId);
      default -> set(0, 0, subleaf & 0xFF, cpuId);
    }
  }

  private void extendedState(int subleaf) {
    if (!model.has(CpuFeature.XSAVE)) {
      return;
    }
    switch (subleaf) {
      case 0 ->
          set(
              (int) extendedState.components(),
              extendedState.standardBytes(enabledState),
              extendedState.standardBytes(extendedState.components()),
              0);
      case 1 -> set(0, extendedState.compactedBytes(enabledState), 0, 0);
      case 2 -> {
        if (model.has(CpuFeature.AVX)) {
          set(ExtendedStateLeaf.AVX_BYTES, ExtendedStateLeaf.AVX_OFFSET, 0, 0);
        }
      }
      case 9 -> {
        if (model.has(CpuFeature.PKU)) {
          set(ExtendedStateLeaf.PKRU_BYTES, ExtendedStateLeaf.PKRU_OFFSET, 0, 0);
        }
      }
      default -> {}
    }
  }

  private void timeStampCounter() {
    long divisor = greatestCommonDivisor(tscHertz, crystalHertz);
    set((int) (crystalHertz / divisor), (int) (tscHertz / divisor), (int) crystalHertz, 0);
  }

  private static long greatestCommonDivisor(long a, long b) {
    return b == 0 ? a : greatestCommonDivisor(b, a % b);
  }

  private void frequencies() {
    int megahertz = (int) (tscHertz / 1_000_000);
    set(megahertz, megahertz, 100, 0);
  }

  private void hypervisor() {
    set(
        HYPERVISOR_BASE,
        word(HYPERVISOR_SIGNATURE, 0),
        word(HYPERVISOR_SIGNATURE, 4),
        word(HYPERVISOR_SIGNATURE, 8));
  }

  private void brand(int part) {
    String brand = model.brand();
    int at = 16 * part;
    set(word(brand, at), word(brand, at + 4), word(brand, at + 8), word(brand, at + 12));
  }
}
