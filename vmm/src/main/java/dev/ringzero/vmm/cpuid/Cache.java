package dev.ringzero.vmm.cpuid;

/**
 * The caches that leaf 4 tells of: nothing is cached, but guests size their tables by them.
 *
 * @spec Intel SDM Vol. 2A, "CPUID", Deterministic Cache Parameters Leaf
 */
enum Cache {
  L1_DATA(1, 1, 8, 32 << 10),
  L1_INSTRUCTION(2, 1, 8, 32 << 10),
  L2(3, 2, 16, 1 << 20),
  L3(3, 3, 16, 16 << 20);

  private static final int LINE_BYTES = 64;
  private static final int SIXTEEN_WAYS = 8; // as leaf 80000006H encodes them

  /** 1 data, 2 instruction, 3 unified. */
  final int type;

  final int level;
  final int ways;
  private final int sizeBytes;

  Cache(int type, int level, int ways, int sizeBytes) {
    this.type = type;
    this.level = level;
    this.ways = ways;
    this.sizeBytes = sizeBytes;
  }

  int sets() {
    return sizeBytes / ways / LINE_BYTES;
  }

  /** Size in KiB, ways, lines per tag and line size as AMD's leaf 80000005H has them. */
  int amdLevel1() {
    return sizeBytes >>> 10 << 24 | ways << 16 | 1 << 8 | LINE_BYTES;
  }

  /** Size in KiB, associativity and line size as leaf 80000006H has them. */
  int extendedLeaf() {
    return sizeBytes >>> 10 << 16 | SIXTEEN_WAYS << 12 | LINE_BYTES;
  }
}
