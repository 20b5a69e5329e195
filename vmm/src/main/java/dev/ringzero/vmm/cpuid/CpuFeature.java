package dev.ringzero.vmm.cpuid;

import static dev.ringzero.vmm.cpuid.CpuFeature.Output.EAX;
import static dev.ringzero.vmm.cpuid.CpuFeature.Output.EBX;
import static dev.ringzero.vmm.cpuid.CpuFeature.Output.ECX;
import static dev.ringzero.vmm.cpuid.CpuFeature.Output.EDX;

import java.util.Locale;
import java.util.Optional;

/**
 * Features that a processor model can promise, by the name that the manual and the instruction
 * table give them, with the bit of CPUID that tells of each.
 *
 * @spec Intel SDM Vol. 2A, "CPUID"
 */
public enum CpuFeature {
  SSE3(0x1, 0, ECX, 0),
  PCLMULQDQ(0x1, 0, ECX, 1),
  VMX(0x1, 0, ECX, 5),
  SSSE3(0x1, 0, ECX, 9),
  FMA(0x1, 0, ECX, 12),
  CX16(0x1, 0, ECX, 13),
  PCID(0x1, 0, ECX, 17),
  SSE4_1(0x1, 0, ECX, 19),
  SSE4_2(0x1, 0, ECX, 20),
  X2APIC(0x1, 0, ECX, 21),
  MOVBE(0x1, 0, ECX, 22),
  POPCNT(0x1, 0, ECX, 23),
  TSC_DEADLINE(0x1, 0, ECX, 24),
  AES(0x1, 0, ECX, 25),
  XSAVE(0x1, 0, ECX, 26),
  AVX(0x1, 0, ECX, 28),
  F16C(0x1, 0, ECX, 29),
  RDRAND(0x1, 0, ECX, 30),
  HYPERVISOR(0x1, 0, ECX, 31),
  FPU(0x1, 0, EDX, 0),
  VME(0x1, 0, EDX, 1),
  DE(0x1, 0, EDX, 2),
  PSE(0x1, 0, EDX, 3),
  TSC(0x1, 0, EDX, 4),
  MSR(0x1, 0, EDX, 5),
  PAE(0x1, 0, EDX, 6),
  MCE(0x1, 0, EDX, 7),
  CX8(0x1, 0, EDX, 8),
  APIC(0x1, 0, EDX, 9),
  SEP(0x1, 0, EDX, 11),
  MTRR(0x1, 0, EDX, 12),
  PGE(0x1, 0, EDX, 13),
  MCA(0x1, 0, EDX, 14),
  CMOV(0x1, 0, EDX, 15),
  PAT(0x1, 0, EDX, 16),
  PSE36(0x1, 0, EDX, 17),
  CLFSH(0x1, 0, EDX, 19),
  MMX(0x1, 0, EDX, 23),
  FXSR(0x1, 0, EDX, 24),
  SSE(0x1, 0, EDX, 25),
  SSE2(0x1, 0, EDX, 26),
  SS(0x1, 0, EDX, 27),
  ARAT(0x6, 0, EAX, 2),
  FSGSBASE(0x7, 0, EBX, 0),
  TSC_ADJUST(0x7, 0, EBX, 1),
  BMI1(0x7, 0, EBX, 3),
  AVX2(0x7, 0, EBX, 5),
  FDP_EXCPTN_ONLY(0x7, 0, EBX, 6),
  SMEP(0x7, 0, EBX, 7),
  BMI2(0x7, 0, EBX, 8),
  ERMS(0x7, 0, EBX, 9),
  INVPCID(0x7, 0, EBX, 10),
  FPU_CS_DS_DEPRECATED(0x7, 0, EBX, 13),
  RDSEED(0x7, 0, EBX, 18),
  ADX(0x7, 0, EBX, 19),
  SMAP(0x7, 0, EBX, 20),
  CLFLUSHOPT(0x7, 0, EBX, 23),
  CLWB(0x7, 0, EBX, 24),
  SHA(0x7, 0, EBX, 29),
  UMIP(0x7, 0, ECX, 2),
  PKU(0x7, 0, ECX, 3),
  VAES(0x7, 0, ECX, 9),
  VPCLMULQDQ(0x7, 0, ECX, 10),
  RDPID(0x7, 0, ECX, 22),
  PKS(0x7, 0, ECX, 31),
  FSRM(0x7, 0, EDX, 4),
  SERIALIZE(0x7, 0, EDX, 14),
  SPEC_CTRL(0x7, 0, EDX, 26),
  STIBP(0x7, 0, EDX, 27),
  ARCH_CAPABILITIES(0x7, 0, EDX, 29),
  BHI_CTRL(0x7, 2, EDX, 4),
  XSAVEOPT(0xD, 1, EAX, 0),
  XSAVEC(0xD, 1, EAX, 1),
  XGETBV1(0xD, 1, EAX, 2),
  XSAVES(0xD, 1, EAX, 3),
  LAHF(0x8000_0001, 0, ECX, 0),
  CMP_LEGACY(0x8000_0001, 0, ECX, 1),
  SVM(0x8000_0001, 0, ECX, 2),
  CR8_LEGACY(0x8000_0001, 0, ECX, 4),
  LZCNT(0x8000_0001, 0, ECX, 5),
  PRFCHW(0x8000_0001, 0, ECX, 8),
  TOPOEXT(0x8000_0001, 0, ECX, 22),
  SYSCALL(0x8000_0001, 0, EDX, 11),
  NX(0x8000_0001, 0, EDX, 20),
  PDPE1GB(0x8000_0001, 0, EDX, 26),
  RDTSCP(0x8000_0001, 0, EDX, 27),
  LM(0x8000_0001, 0, EDX, 29),
  INVARIANT_TSC(0x8000_0007, 0, EDX, 8),
  WBNOINVD(0x8000_0008, 0, EBX, 9),
  NPT(0x8000_000A, 0, EDX, 0),
  LBR_VIRTUALIZATION(0x8000_000A, 0, EDX, 1),
  NRIP_SAVE(0x8000_000A, 0, EDX, 3),
  TSC_RATE_MSR(0x8000_000A, 0, EDX, 4),
  VMCB_CLEAN(0x8000_000A, 0, EDX, 5),
  FLUSH_BY_ASID(0x8000_000A, 0, EDX, 6),
  DECODE_ASSISTS(0x8000_000A, 0, EDX, 7),
  PAUSE_FILTER(0x8000_000A, 0, EDX, 10),
  PAUSE_FILTER_THRESHOLD(0x8000_000A, 0, EDX, 12),
  VIRTUAL_VMSAVE_VMLOAD(0x8000_000A, 0, EDX, 15),
  VGIF(0x8000_000A, 0, EDX, 16),
  LFENCE_SERIALIZING(0x8000_0021, 0, EAX, 2);

  /** A register in which CPUID answers. */
  enum Output {
    EAX,
    EBX,
    ECX,
    EDX
  }

  final int leaf;
  final int subleaf;
  final Output output;
  final int bit;

  CpuFeature(int leaf, int subleaf, Output output, int bit) {
    this.leaf = leaf;
    this.subleaf = subleaf;
    this.output = output;
    this.bit = bit;
  }

  /** The feature of this name, in any case and with '-' or '.' for '_'. */
  public static Optional<CpuFeature> named(String name) {
    String wanted = name.toUpperCase(Locale.ROOT).replace('-', '_').replace('.', '_');
    for (CpuFeature feature : values()) {
      if (feature.name().equals(wanted)) {
        return Optional.of(feature);
      }
    }
    return Optional.empty();
  }
}
