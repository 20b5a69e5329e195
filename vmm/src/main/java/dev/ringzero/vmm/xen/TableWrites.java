package dev.ringzero.vmm.xen;

import dev.ringzero.engine.Register;
import dev.ringzero.memory.FramePool;
import dev.ringzero.memory.MachineMemory;
import dev.ringzero.vmm.xen.FrameTable.Type;
import dev.ringzero.x86.Rflags;
import dev.ringzero.x86.instruction.Decoder;
import dev.ringzero.x86.instruction.Instruction;
import dev.ringzero.x86.instruction.Operand;

/**
 * Writes of a paravirtual kernel straight into its lowest page tables, which are mapped read-only:
 * a kernel may leave single changes to instructions, and the monitor then makes them as a hypercall
 * would. Under the lock of the {@link XenDomain}.
 *
 * <p>Not modelled: instructions other than MOV, XCHG, CMPXCHG, AND, OR, BTS, BTR and BTC, and
 * writes that cross an entry.
 *
 * @spec Xen, arch/x86/pv/ro-page-fault.c
 */
final class TableWrites {
  private static final int ENTRY_BYTES = 8;
  private static final long STATUS =
      Rflags.CF | Rflags.PF | Rflags.AF | Rflags.ZF | Rflags.SF | Rflags.OF;

  private final XenDomain domain;
  private final Decoder decoder = new Decoder();
  private final Instruction instruction = new Instruction();
  private final byte[] code = new byte[Decoder.MAX_LENGTH];
  private long emulated;

  // What an instruction makes of its operands.
  private long result;
  private long flags;
  private boolean writes;

  TableWrites(XenDomain domain) {
    this.domain = domain;
  }

  /** Writes made so far. */
  long emulated() {
    return emulated;
  }

  /**
   * After a page fault of the kernel's on a write: whether it was such a write; then it is done.
   * What the entry must not be is left a fault.
   */
  boolean emulate(XenVcpu vcpu, long linear) {
    try {
      return write(vcpu, linear);
    } catch (XenError e) {
      return false;
    }
  }

  private boolean write(XenVcpu vcpu, long linear) {
    long hpa = vcpu.memory.hpa(linear, false);
    if (!domain.frames.isUsedAs(hpa >>> FramePool.FRAME_SHIFT, Type.L1) || !decode(vcpu)) {
      return false;
    }
    int bytes = instruction.width(instruction.operand(0)) / 8;
    int shift = (int) (hpa & ENTRY_BYTES - 1) * 8;
    if (shift / 8 + bytes > ENTRY_BYTES || !instruction.hasMemory()) {
      return false;
    }
    long mask = bytes == ENTRY_BYTES ? -1 : (1L << bytes * 8) - 1;
    long entry = MachineMemory.read64(hpa & -ENTRY_BYTES);
    if (!compute(vcpu, entry >>> shift & mask, mask, bytes * 8)) {
      return false;
    }
    if (writes) {
      long value = entry & ~(mask << shift) | (result & mask) << shift;
      domain.tables.change(hpa & -ENTRY_BYTES, value, false);
    }
    long others = vcpu.cpu.register(Register.RFLAGS) & ~STATUS;
    vcpu.cpu.register(Register.RFLAGS, others | flags);
    vcpu.cpu.exit().instructionLength = instruction.length;
    vcpu.cpu.skipInstruction();
    emulated++;
    return true;
  }

  private boolean decode(XenVcpu vcpu) {
    int fetched = vcpu.memory.fetch(vcpu.cpu.register(Register.RIP), code);
    return decoder.decode(code, 0, fetched, 64, instruction) > 0;
  }

  private boolean compute(XenVcpu vcpu, long old, long mask, int bits) {
    flags = vcpu.cpu.register(Register.RFLAGS) & STATUS;
    writes = true;
    switch (instruction.form.mnemonic) {
      case "mov" -> result = source(vcpu, bits);
      case "xchg" -> {
        result = general(vcpu, instruction.reg, bits);
        general(vcpu, instruction.reg, bits, old);
      }
      case "and" -> logic(old & source(vcpu, bits), mask, bits);
      case "or" -> logic(old | source(vcpu, bits), mask, bits);
      case "bts", "btr", "btc" -> bit(vcpu, old, bits);
      case "cmpxchg" -> compareAndExchange(vcpu, old, mask, bits);
      default -> {
        return false;
      }
    }
    return true;
  }

  private long source(XenVcpu vcpu, int bits) {
    return instruction.operand(1).place() == Operand.Place.IMMEDIATE
        ? instruction.immediate
        : general(vcpu, instruction.reg, bits);
  }

  /** A general register; without REX the byte registers 4 to 7 are the second bytes of 0 to 3. */
  private long general(XenVcpu vcpu, int number, int bits) {
    if (isHighByte(number, bits)) {
      return vcpu.cpu.register(Register.values()[number - 4]) >>> 8 & 0xFF;
    }
    long value = vcpu.cpu.register(Register.values()[number]);
    return bits == 64 ? value : value & (1L << bits) - 1;
  }

  private void general(XenVcpu vcpu, int number, int bits, long value) {
    if (isHighByte(number, bits)) {
      Register register = Register.values()[number - 4];
      vcpu.cpu.register(register, vcpu.cpu.register(register) & ~0xFF00L | (value & 0xFF) << 8);
      return;
    }
    Register register = Register.values()[number];
    long kept = bits >= 32 ? 0 : vcpu.cpu.register(register) & -1L << bits;
    vcpu.cpu.register(register, kept | value);
  }

  private boolean isHighByte(int number, int bits) {
    return bits == 8 && !instruction.rex && number >= 4 && number < 8;
  }

  private void logic(long value, long mask, int bits) {
    result = value & mask;
    flags = resultFlags(result, bits);
  }

  private static long resultFlags(long value, int bits) {
    long zero = value == 0 ? Rflags.ZF : 0;
    long sign = (value >>> bits - 1 & 1) != 0 ? Rflags.SF : 0;
    long parity = (Long.bitCount(value & 0xFF) & 1) == 0 ? Rflags.PF : 0;
    return zero | sign | parity;
  }

  private void bit(XenVcpu vcpu, long old, int bits) {
    long bit = 1L << (source(vcpu, bits) & bits - 1);
    result =
        switch (instruction.form.mnemonic) {
          case "bts" -> old | bit;
          case "btr" -> old & ~bit;
          default -> old ^ bit;
        };
    flags = flags & ~Rflags.CF | ((old & bit) != 0 ? Rflags.CF : 0);
  }

  private void compareAndExchange(XenVcpu vcpu, long old, long mask, int bits) {
    long expected = vcpu.cpu.register(Register.RAX) & mask;
    long difference = expected - old & mask;
    long borrow = Long.compareUnsigned(expected, old) < 0 ? Rflags.CF : 0;
    long half = (expected & 15) < (old & 15) ? Rflags.AF : 0;
    long overflow = ((expected ^ old) & (expected ^ difference)) >>> bits - 1 & 1;
    flags = resultFlags(difference, bits) | borrow | half | (overflow != 0 ? Rflags.OF : 0);
    if (expected == old) {
      result = general(vcpu, instruction.reg, bits);
    } else {
      writes = false;
      general(vcpu, 0, bits, old);
    }
  }
}
