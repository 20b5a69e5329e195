package dev.ringzero.cpu.x87;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.system.ProtectionKeys;
import dev.ringzero.x86.Cr0;
import dev.ringzero.x86.Cr4;
import dev.ringzero.x86.Vector;
import dev.ringzero.x86.instruction.Instruction;

/**
 * The XSAVE family: x87, SSE, AVX and PKRU state in the standard and the compacted format. The two
 * formats place everything alike, but for PKRU where AVX state is left out.
 *
 * <p>Not modelled: the modified optimization (all state counts as modified), supervisor state
 * components (IA32_XSS is zero).
 *
 * @spec Intel SDM Vol. 1, "Managing State Using the XSAVE Feature Set"
 */
final class ExtendedState {
  private static final long X87_STATE = 1L << 0;
  private static final long SSE_STATE = 1L << 1;
  private static final long AVX_STATE = 1L << 2;
  private static final long PKRU_STATE = 1L << 9;
  private static final long COMPACTED = 1L << 63;

  private static final int HEADER = 512;
  private static final int XSTATE_BV = HEADER, XCOMP_BV = HEADER + 8;
  private static final int HEADER_BYTES = 64;
  private static final int AVX_OFFSET = HEADER + HEADER_BYTES;
  private static final int AVX_BYTES = 256;
  private static final int PKRU_OFFSET = AVX_OFFSET + AVX_BYTES;
  private static final int PKRU_BYTES = 8;
  private static final int ALIGNMENT = 64;

  private ExtendedState() {}

  /** XSAVE, and XSAVEOPT, which leaves out what is in its initial configuration. */
  static void save(Cpu cpu, Instruction i, boolean optimized) {
    check(cpu, false);
    long requested = requested(cpu);
    long linear = linear(cpu, i, requested, true);
    long inUse = inUse(cpu, requested);
    long before = cpu.mmu.read64(linear + XSTATE_BV);
    cpu.mmu.write64(linear + XSTATE_BV, before & ~requested | inUse);
    if ((requested & (SSE_STATE | AVX_STATE)) != 0) {
      LegacyRegion.saveMxcsr(cpu, linear);
    }
    components(cpu, i, linear, optimized ? inUse : requested, PKRU_OFFSET);
  }

  /** XSAVEC and XSAVES. */
  static void saveCompacted(Cpu cpu, Instruction i, boolean supervisor) {
    check(cpu, supervisor);
    long requested = requested(cpu);
    long linear = linear(cpu, i, requested, true);
    long saved = inUse(cpu, requested);
    if ((requested & SSE_STATE) != 0 && cpu.mxcsr != LegacyRegion.MXCSR_INITIAL) {
      saved |= SSE_STATE;
    }
    cpu.mmu.write64(linear + XSTATE_BV, saved);
    cpu.mmu.write64(linear + XCOMP_BV, requested | COMPACTED);
    if ((saved & SSE_STATE) != 0) {
      LegacyRegion.saveMxcsr(cpu, linear);
    }
    components(cpu, i, linear, saved, pkruOffset(requested));
  }

  /** Where PKRU is in the compacted format. */
  private static int pkruOffset(long format) {
    return (format & AVX_STATE) != 0 ? PKRU_OFFSET : AVX_OFFSET;
  }

  private static void components(Cpu cpu, Instruction i, long linear, long which, int pkruOffset) {
    if ((which & X87_STATE) != 0) {
      LegacyRegion.saveX87(cpu, cpu.x87, linear, i.w);
    }
    if ((which & SSE_STATE) != 0) {
      LegacyRegion.saveXmm(cpu, linear);
    }
    if ((which & AVX_STATE) != 0) {
      for (int n = 0; n < LegacyRegion.registers(cpu); n++) {
        cpu.mmu.write128(linear + AVX_OFFSET + 16 * n, cpu.vector, 4 * n + 2);
      }
    }
    if ((which & PKRU_STATE) != 0) {
      cpu.mmu.write64(linear + pkruOffset, cpu.system.pkru & 0xFFFF_FFFFL);
    }
  }

  /** XRSTOR, and XRSTORS, which takes the compacted format only. */
  static void restore(Cpu cpu, Instruction i, boolean supervisor) {
    check(cpu, supervisor);
    long requested = requested(cpu);
    long linear = linear(cpu, i, requested, false);
    long present = cpu.mmu.read64(linear + XSTATE_BV);
    long format = cpu.mmu.read64(linear + XCOMP_BV);
    boolean compacted = format < 0;
    checkHeader(cpu, linear, present, format, supervisor);
    boolean loadsMxcsr =
        compacted
            ? (requested & present & SSE_STATE) != 0
            : (requested & (SSE_STATE | AVX_STATE)) != 0;
    if (loadsMxcsr) {
      LegacyRegion.checkMxcsr(cpu, linear);
      LegacyRegion.restoreMxcsr(cpu, linear);
    } else if (compacted && (requested & SSE_STATE) != 0) {
      cpu.mxcsr = LegacyRegion.MXCSR_INITIAL;
    }
    long pkru = linear + (compacted ? pkruOffset(format) : PKRU_OFFSET);
    boolean loadsPkru = (requested & present & PKRU_STATE) != 0;
    int keys = loadsPkru ? (int) cpu.mmu.read32(pkru) : 0;
    load(cpu, i, linear, requested & present);
    initialize(cpu, requested & ~present);
    if ((requested & PKRU_STATE) != 0) {
      ProtectionKeys.writePkru(cpu, keys);
    }
  }

  private static void checkHeader(
      Cpu cpu, long linear, long present, long format, boolean supervisor) {
    boolean compacted = format < 0;
    long allowed = compacted ? format & ~COMPACTED : cpu.xcr0;
    long mustBeZero = cpu.mmu.read64(linear + HEADER + 16) | allowed & ~cpu.xcr0;
    if (compacted) {
      for (int offset = 24; offset < HEADER_BYTES; offset += 8) {
        mustBeZero |= cpu.mmu.read64(linear + HEADER + offset);
      }
    } else {
      mustBeZero |= format;
    }
    if ((mustBeZero | present & ~allowed) != 0 || supervisor && !compacted) {
      throw cpu.fault(Vector.GP, 0);
    }
  }

  private static void load(Cpu cpu, Instruction i, long linear, long which) {
    if ((which & X87_STATE) != 0) {
      LegacyRegion.restoreX87(cpu, cpu.x87, linear, i.w);
    }
    if ((which & SSE_STATE) != 0) {
      LegacyRegion.restoreXmm(cpu, linear);
    }
    if ((which & AVX_STATE) != 0) {
      for (int n = 0; n < LegacyRegion.registers(cpu); n++) {
        cpu.mmu.read128(linear + AVX_OFFSET + 16 * n, cpu.vector, 4 * n + 2);
      }
    }
  }

  private static void initialize(Cpu cpu, long which) {
    if ((which & X87_STATE) != 0) {
      LegacyRegion.clearX87(cpu.x87);
    }
    for (int n = 0; n < LegacyRegion.registers(cpu); n++) {
      if ((which & SSE_STATE) != 0) {
        cpu.vector[4 * n] = 0;
        cpu.vector[4 * n + 1] = 0;
      }
      if ((which & AVX_STATE) != 0) {
        cpu.vector[4 * n + 2] = 0;
        cpu.vector[4 * n + 3] = 0;
      }
    }
  }

  private static void check(Cpu cpu, boolean supervisor) {
    if ((cpu.cr4 & Cr4.OSXSAVE) == 0) {
      throw cpu.invalidOpcode();
    }
    if (supervisor && cpu.cpl != 0) {
      throw cpu.fault(Vector.GP, 0);
    }
    if ((cpu.cr0 & Cr0.TS) != 0) {
      throw cpu.fault(Vector.NM);
    }
  }

  /** The requested-feature bitmap. */
  private static long requested(Cpu cpu) {
    long mask = cpu.gpr[Cpu.RDX] << 32 | cpu.gpr[Cpu.RAX] & 0xFFFF_FFFFL;
    return mask & cpu.xcr0;
  }

  /** Components, of those requested, that are not in their initial configuration. */
  private static long inUse(Cpu cpu, long requested) {
    long sse = 0;
    long avx = 0;
    for (int n = 0; n < LegacyRegion.registers(cpu); n++) {
      sse |= cpu.vector[4 * n] | cpu.vector[4 * n + 1];
      avx |= cpu.vector[4 * n + 2] | cpu.vector[4 * n + 3];
    }
    long inUse =
        (LegacyRegion.isInitial(cpu.x87) ? 0 : X87_STATE)
            | (sse != 0 ? SSE_STATE : 0)
            | (avx != 0 ? AVX_STATE : 0)
            | (cpu.system.pkru != 0 ? PKRU_STATE : 0);
    return inUse & requested;
  }

  private static long linear(Cpu cpu, Instruction i, long requested, boolean write) {
    int bytes = AVX_OFFSET + ((requested & (AVX_STATE | PKRU_STATE)) != 0 ? AVX_BYTES : 0);
    bytes += (requested & PKRU_STATE) != 0 ? PKRU_BYTES : 0;
    long linear = LegacyRegion.linear(cpu, i, bytes, ALIGNMENT, write);
    if (write) {
      cpu.mmu.probeWrite(linear, bytes);
    } else {
      cpu.mmu.probeRead(linear, bytes);
    }
    return linear;
  }
}
