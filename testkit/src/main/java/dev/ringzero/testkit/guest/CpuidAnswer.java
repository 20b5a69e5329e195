package dev.ringzero.testkit.guest;

import java.util.List;

/** What CPUID answers to bare-metal guests at a leaf; zero at others. */
public record CpuidAnswer(int function, int eax, int ebx, int ecx, int edx) {
  private static final int FEATURES = 0x0000_817B; // FPU, DE, PSE, TSC, MSR, PAE, CX8, CMOV
  private static final int EXTENDED_FEATURES = 0x2010_0800; // SYSCALL, NX, Intel 64

  public static final List<CpuidAnswer> ALL =
      List.of(
          new CpuidAnswer(0, 1, 0, 0, 0),
          new CpuidAnswer(1, 0x600, 0, 0, FEATURES),
          new CpuidAnswer(0x4000_0000, 0x4000_0000, 0x1111_1111, 0x2222_2222, 0x3333_3333),
          new CpuidAnswer(0x8000_0000, 0x8000_0008, 0, 0, 0),
          new CpuidAnswer(0x8000_0001, 0, 0, 0, EXTENDED_FEATURES),
          new CpuidAnswer(0x8000_0008, 0x3028, 0, 0, 0));

  static CpuidAnswer to(int function) {
    return ALL.stream()
        .filter(answer -> answer.function == function)
        .findFirst()
        .orElse(new CpuidAnswer(function, 0, 0, 0, 0));
  }
}
