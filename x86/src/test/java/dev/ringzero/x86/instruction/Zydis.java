package dev.ringzero.x86.instruction;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/** The decoder library Zydis 4.0, an oracle for decoder tests. Offsets are those of its headers. */
final class Zydis {
  static final int REGISTER = 1;
  static final int MEMORY = 2;
  static final int POINTER = 3;
  static final int IMMEDIATE = 4;

  private static final int INSTRUCTION_SIZE = 328;
  private static final int OPERAND_SIZE = 80;
  private static final int MODE_MPX = 3;
  private static final int MODE_CET = 4;
  private static final int MODE_CLDEMOTE = 8;
  private static final int HIDDEN = 3;

  private final MethodHandle decode;
  private final MethodHandle mnemonic;
  private final MethodHandle register;
  private final MethodHandle extension;
  private final MemorySegment decoder;
  private final MemorySegment code;
  private final MemorySegment instruction;
  private final MemorySegment operands;

  private Zydis(SymbolLookup library, int mode) throws Throwable {
    Linker linker = Linker.nativeLinker();
    Arena arena = Arena.global();
    decoder = arena.allocate(32, 8);
    code = arena.allocate(16);
    instruction = arena.allocate(INSTRUCTION_SIZE, 8);
    operands = arena.allocate(10 * OPERAND_SIZE, 8);
    MethodHandle init =
        linker.downcallHandle(
            library.find("ZydisDecoderInit").orElseThrow(),
            FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT));
    MethodHandle enable =
        linker.downcallHandle(
            library.find("ZydisDecoderEnableMode").orElseThrow(),
            FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_BYTE));
    decode =
        linker.downcallHandle(
            library.find("ZydisDecoderDecodeFull").orElseThrow(),
            FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS, ADDRESS));
    FunctionDescriptor name = FunctionDescriptor.of(ADDRESS, JAVA_INT);
    mnemonic = linker.downcallHandle(library.find("ZydisMnemonicGetString").orElseThrow(), name);
    register = linker.downcallHandle(library.find("ZydisRegisterGetString").orElseThrow(), name);
    extension = linker.downcallHandle(library.find("ZydisISAExtGetString").orElseThrow(), name);
    int machine = mode == 64 ? 0 : mode == 32 ? 3 : 4;
    int stack = mode == 64 ? 2 : mode == 32 ? 1 : 0;
    int ignored = (int) init.invokeExact(decoder, machine, stack);
    for (int off : new int[] {MODE_MPX, MODE_CET, MODE_CLDEMOTE}) {
      ignored = (int) enable.invokeExact(decoder, off, (byte) 0);
    }
  }

  /** Opens the library for a mode of 16, 32 or 64 bits, if it is installed. */
  static Optional<Zydis> open(int mode) {
    try {
      SymbolLookup library = SymbolLookup.libraryLookup("libZydis.so.4.0", Arena.global());
      return Optional.of(new Zydis(library, mode));
    } catch (IllegalArgumentException absent) {
      return Optional.empty();
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  /** Length of the instruction, or 0 if it is invalid. */
  int decode(byte[] bytes, int offset, int length) {
    MemorySegment.copy(bytes, offset, code, JAVA_BYTE, 0, length);
    try {
      int status = (int) decode.invokeExact(decoder, code, (long) length, instruction, operands);
      return status >= 0 ? instruction.get(JAVA_BYTE, 8) : 0;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  String mnemonic() {
    return name(mnemonic, instruction.get(JAVA_INT, 4));
  }

  /** The instruction set extension ("AVX512EVEX", "XOP" …). */
  String extension() {
    return name(extension, instruction.get(JAVA_INT, 100));
  }

  int addressWidth() {
    return instruction.get(JAVA_BYTE, 23) & 0xFF;
  }

  int operandWidth() {
    return instruction.get(JAVA_BYTE, 22) & 0xFF;
  }

  /** Operands that are not hidden. */
  int visibleOperands() {
    return instruction.get(JAVA_BYTE, 25);
  }

  int operands() {
    return instruction.get(JAVA_BYTE, 24);
  }

  int flagsTested() {
    return flags(0);
  }

  int flagsModified() {
    return flags(4);
  }

  int flagsSet() {
    return flags(8) | flags(12);
  }

  int flagsUndefined() {
    return flags(16);
  }

  private int flags(int field) {
    return instruction.get(ADDRESS, 40).reinterpret(20).get(ValueLayout.JAVA_INT_UNALIGNED, field);
  }

  boolean hidden(int operand) {
    return integer(operand, 4) == HIDDEN;
  }

  boolean reads(int operand) {
    return (integer(operand, 8) & 5) != 0;
  }

  boolean writes(int operand) {
    return (integer(operand, 8) & 10) != 0;
  }

  boolean writesSometimes(int operand) {
    return (integer(operand, 8) & 8) != 0;
  }

  /** Width in bits. */
  int width(int operand) {
    return operands.get(JAVA_SHORT, (long) operand * OPERAND_SIZE + 16) & 0xFFFF;
  }

  int type(int operand) {
    return integer(operand, 32);
  }

  String register(int operand) {
    return name(register, integer(operand, 40));
  }

  String segment(int operand) {
    return name(register, integer(operand, 44));
  }

  String base(int operand) {
    return name(register, integer(operand, 48));
  }

  String index(int operand) {
    return name(register, integer(operand, 52));
  }

  int scale(int operand) {
    return operands.get(JAVA_BYTE, (long) operand * OPERAND_SIZE + 56);
  }

  long displacement(int operand) {
    return operands.get(JAVA_LONG, (long) operand * OPERAND_SIZE + 72);
  }

  long immediate(int operand) {
    return operands.get(JAVA_LONG, (long) operand * OPERAND_SIZE + 48);
  }

  private int integer(int operand, int field) {
    return operands.get(JAVA_INT, (long) operand * OPERAND_SIZE + field);
  }

  private static String name(MethodHandle function, int number) {
    try {
      MemorySegment text = (MemorySegment) function.invokeExact(number);
      return text.address() == 0 ? "none" : text.reinterpret(64).getString(0);
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }
}
