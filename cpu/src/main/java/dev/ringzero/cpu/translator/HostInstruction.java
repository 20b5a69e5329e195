package dev.ringzero.cpu.translator;

/**
 * An emitted instruction as read from its bytes alone, by a decoder that shares nothing with that
 * of guest code: its length, its memory operand, and how many bytes that reaches. The verifier's
 * second opinion.
 *
 * @spec Intel SDM Vol. 2A, "Instruction Format"
 */
final class HostInstruction {
  static final int NONE = -1;

  private static final HostSizes SIZES = new HostSizes();

  /** Length in bytes, or 0 where this is no instruction that may be emitted. */
  int length;

  /** Whether it reads or writes memory. */
  boolean accesses;

  int bytes;
  boolean writes;

  /** Address: registers or {@link #NONE}, shift of the index, displacement, GS or no segment. */
  int base;

  int index;
  int scale;
  int displacement;
  boolean gs;

  /** Sign-extended; of eight bytes the low half. */
  int immediate;

  /** Bytes before displacement and immediate: they alone decide what the instruction is. */
  int fixedBytes;

  int displacementBytes;
  int immediateBytes;

  private byte[] code;
  private int at;
  private int limit;
  private int rex;
  private boolean operand16;
  private boolean repeat;
  private boolean repeatNot;
  private boolean addressPrefix;
  private boolean wide;
  private boolean vex;
  private boolean long256;
  private int prefix;
  private int map;
  private int extendIndex;
  private int extendBase;
  private int opcode;
  private int mod;
  private int reg;
  private int rm;

  /** Reads the instruction at this place of code that ends before {@code limit}. */
  void read(byte[] bytes, int place, int limit) {
    code = bytes;
    at = place;
    this.limit = limit;
    length = 0;
    accesses = false;
    if (prefixes() && opcode() && operands()) {
      length = at <= limit ? at - place : 0;
      fixedBytes = at - place - displacementBytes - immediateBytes;
    }
  }

  private int next() {
    return at < limit ? code[at++] & 0xFF : at++ * 0;
  }

  private boolean prefixes() {
    operand16 = false;
    repeat = false;
    repeatNot = false;
    gs = false;
    addressPrefix = false;
    wide = false;
    vex = false;
    long256 = false;
    extendIndex = 0;
    extendBase = 0;
    rex = 0;
    while (at < limit) {
      int value = code[at] & 0xFF;
      if (value >> 4 == 4) {
        rex = value; // a REX counts only right before the opcode: the last one does
        at++;
        continue;
      }
      if (isLegacy(value)) {
        rex = 0;
      }
      switch (value) {
        case 0x65 -> gs = true;
        case 0x66 -> operand16 = true;
        case 0xF0 -> {}
        case 0xF2 -> repeatNot = true;
        case 0xF3 -> repeat = true;
        case 0x26, 0x2E, 0x36, 0x3E, 0x64, 0x67 -> addressPrefix = true;
        default -> {
          return true;
        }
      }
      at++;
    }
    return false;
  }

  private static boolean isLegacy(int value) {
    return switch (value) {
      case 0x26, 0x2E, 0x36, 0x3E, 0x64, 0x65, 0x66, 0x67, 0xF0, 0xF2, 0xF3 -> true;
      default -> false;
    };
  }

  private boolean opcode() {
    int first = next();
    if (first == 0xC4 || first == 0xC5) {
      return rex == 0 && vexOpcode(first);
    }
    wide = (rex & 8) != 0;
    extendIndex = (rex & 2) << 2;
    extendBase = (rex & 1) << 3;
    map = 0;
    opcode = first;
    if (first == 0x0F) {
      map = 1;
      opcode = next();
      if (opcode == 0x38 || opcode == 0x3A) {
        map = opcode == 0x38 ? 2 : 3;
        opcode = next();
      }
    }
    prefix = repeatNot ? 3 : repeat ? 2 : operand16 ? 1 : 0;
    return true;
  }

  private boolean vexOpcode(int first) {
    if (operand16 || repeat || repeatNot) {
      return false;
    }
    vex = true;
    map = 1;
    int last = next();
    if (first == 0xC4) {
      map = last & 31;
      extendIndex = (~last & 0x40) >> 3;
      extendBase = (~last & 0x20) >> 2;
      last = next();
      wide = (last & 0x80) != 0;
    }
    long256 = (last & 4) != 0;
    prefix = last & 3;
    operand16 = prefix == 1;
    opcode = next();
    return map >= 1 && map <= 3;
  }

  private boolean operands() {
    int size = SIZES.size(map, prefix, opcode);
    boolean x87 = map == 0 && opcode >> 3 == 0xD8 >> 3;
    if (size == HostSizes.REFUSED && !x87) {
      return false;
    }
    mod = 3;
    reg = 0;
    displacementBytes = 0;
    if (hasModrm() && !modrm()) {
      return false;
    }
    if (x87) {
      size = x87Size();
    }
    boolean storesMxcsr = map == 1 && opcode == 0xAE && mod != 3 && reg == 3 && prefix == 0 && !vex;
    size = storesMxcsr ? 4 : size;
    immediateBytes = immediateBytes();
    immediate = number(Math.min(immediateBytes, 4));
    at += Math.max(immediateBytes - 4, 0);
    if (mod == 3) {
      return size != HostSizes.REFUSED && registersAllowed();
    }
    if (addressPrefix) {
      return false; // means nothing without memory, and is not emitted with it
    }
    if (size == HostSizes.REFUSED) {
      return false;
    }
    if (size == HostSizes.REGISTERS || size == HostSizes.ADDRESS) {
      return size == HostSizes.ADDRESS;
    }
    bytes = resolve(size);
    writes =
        x87
            ? SIZES.x87Writes(opcode, reg)
            : storesMxcsr || SIZES.writes(map, prefix, opcode) && !readsOnly();
    accesses = true;
    return memoryAllowed();
  }

  private int x87Size() {
    if (prefix != 0) {
      return HostSizes.REFUSED;
    }
    return mod == 3 ? SIZES.x87Registers(opcode, reg, rm) : SIZES.x87(opcode, reg);
  }

  private boolean hasModrm() {
    if (map == 0) {
      return switch (opcode >> 4) {
        case 0, 1, 2, 3 -> (opcode & 7) < 4;
        case 5, 7, 9, 0xA, 0xB, 0xE -> false;
        case 0xC -> opcode != 0xC3;
        case 0xF -> opcode != 0xF5 && opcode != 0xF8 && opcode != 0xF9;
        default -> true;
      };
    }
    return map != 1 || !(opcode >> 4 == 8 || opcode == 0x77 || opcode >= 0xC8 && opcode <= 0xCF);
  }

  private boolean modrm() {
    int modrm = next();
    mod = modrm >> 6;
    reg = modrm >> 3 & 7;
    rm = modrm & 7;
    if (mod == 3) {
      return true;
    }
    index = NONE;
    scale = 0;
    base = rm | extendBase;
    boolean plainDisplacement = mod == 0 && rm == 5;
    if (rm == 4) {
      int sib = next();
      int number = sib >> 3 & 7 | extendIndex;
      index = number == 4 ? NONE : number;
      scale = sib >> 6;
      base = sib & 7 | extendBase;
      if (mod == 0 && (sib & 7) == 5) {
        base = NONE;
      }
    } else if (plainDisplacement) {
      return false; // RIP-relative
    }
    displacementBytes = mod == 1 ? 1 : mod == 2 || base == NONE ? 4 : 0;
    displacement = number(displacementBytes);
    return true;
  }

  /** The signed number of so many bytes that comes next. */
  private int number(int bytes) {
    int number = 0;
    for (int shift = 0; shift < 8 * bytes; shift += 8) {
      number |= next() << shift;
    }
    int unused = 32 - 8 * bytes;
    return bytes == 0 ? 0 : number << unused >> unused;
  }

  private int immediateBytes() {
    int full = operand16 && !wide ? 2 : 4;
    if (map == 0) {
      return switch (opcode) {
        case 0x69, 0x81, 0xC7, 0xA9 -> full;
        case 0x6B, 0x80, 0x83, 0xC0, 0xC1, 0xC6, 0xA8, 0xE3, 0xEB -> 1;
        case 0xE8, 0xE9 -> 4;
        case 0xF6 -> reg < 2 ? 1 : 0;
        case 0xF7 -> reg < 2 ? full : 0;
        default ->
            switch (opcode >> 3) {
              case 0x70 >> 3, 0x78 >> 3, 0xB0 >> 3 -> 1;
              case 0xB8 >> 3 -> wide ? 8 : full;
              default -> opcode < 0x40 ? (opcode & 7) == 4 ? 1 : (opcode & 7) == 5 ? full : 0 : 0;
            };
      };
    }
    if (map == 1) {
      return switch (opcode) {
        case 0x70, 0x71, 0x72, 0x73, 0xA4, 0xAC, 0xBA, 0xC2, 0xC4, 0xC5, 0xC6 -> 1;
        default -> opcode >> 4 == 8 ? 4 : 0;
      };
    }
    return map == 3 ? 1 : 0;
  }

  /** Register forms that would reach memory or the host without an operand that says so. */
  private boolean registersAllowed() {
    return switch (map << 8 | opcode) {
      case 0x0FF -> reg < 2; // INC, DEC; no indirect branch, no PUSH
      case 0x0FE -> reg < 2;
      case 0x0C6, 0x0C7 -> reg == 0; // no XABORT, XBEGIN
      case 0x1AE -> reg >= 5; // fences
      case 0x10D, 0x118 -> false;
      case 0x1C7 -> false; // RDRAND and kin
      default -> true;
    };
  }

  private boolean memoryAllowed() {
    return switch (map << 8 | opcode) {
      case 0x0FE, 0x0FF -> reg < 2;
      case 0x0C6, 0x0C7 -> reg == 0;
      case 0x1BA -> reg >= 4;
      case 0x10D -> reg == 1;
      case 0x118 -> reg < 4;
      case 0x1C7 -> reg == 1;
      default -> true;
    };
  }

  /** Of groups that write in part: CMP, TEST, MUL to IDIV, BT. */
  private boolean readsOnly() {
    return switch (map << 8 | opcode) {
      case 0x080, 0x081, 0x083 -> reg == 7;
      case 0x0F6, 0x0F7 -> reg < 2 || reg >= 4;
      case 0x1BA -> reg == 4;
      default -> false;
    };
  }

  private int resolve(int size) {
    int vector = long256 ? 32 : 16;
    return switch (size) {
      case HostSizes.OPERAND -> wide ? 8 : operand16 ? 2 : 4;
      case HostSizes.GENERAL -> wide ? 8 : 4;
      case HostSizes.VECTOR -> vector;
      case HostSizes.HALF -> vector / 2;
      case HostSizes.QUARTER -> vector / 4;
      case HostSizes.EIGHTH -> vector / 8;
      case HostSizes.PAIR -> wide ? 16 : 8;
      case HostSizes.DUPLICATED -> long256 ? 32 : 8;
      default -> size;
    };
  }
}
