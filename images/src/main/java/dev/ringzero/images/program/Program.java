package dev.ringzero.images.program;

import dev.ringzero.images.program.Value.Constant;
import dev.ringzero.images.program.Value.Variable;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A program for x86-64 Linux, written statement by statement. All variables are global and have
 * eight bytes; a system call is a statement. Registers hold nothing from one statement to the next.
 *
 * <pre>
 * program.syscall(descriptor, Syscall.OPEN, program.text("/dev/null"), program.number(O_RDWR));
 * program.when(descriptor, Condition.LESS, program.number(0), () -> program.exit(1));
 * </pre>
 *
 * @spec Intel SDM Vol. 2, "Instruction Set Reference"; System V ABI AMD64, "Linux Conventions"
 */
final class Program {
  /** How two signed numbers compare; the number is that of the opposite, as in Jcc. */
  enum Condition {
    EQUAL(0x85),
    NOT_EQUAL(0x84),
    LESS(0x8D),
    GREATER(0x8E);

    private final int jumpIfNot;

    Condition(int jumpIfNot) {
      this.jumpIfNot = jumpIfNot;
    }
  }

  /** A piece of code that other code calls. */
  static final class Routine {
    private int at = -1;
  }

  private static final int RAX = 0;
  private static final int RCX = 1;
  private static final int[] ARGUMENTS = {7, 6, 2, 10, 8, 9}; // RDI, RSI, RDX, R10, R8, R9
  private static final int SIZE_OF_VARIABLE = 8;

  private final MachineCode code = new MachineCode();
  private final ProgramFile file = new ProgramFile();
  private int[] leaves;
  private int leaveCount;

  // Values

  Constant number(long value) {
    return new Constant(value);
  }

  /** The address of a text that ends with a zero byte. */
  Constant text(String text) {
    return data((text + "\0").getBytes(StandardCharsets.US_ASCII));
  }

  /** The address of bytes that the program may change. */
  Constant data(byte[] bytes) {
    return new Constant(file.add(bytes));
  }

  /** The address of zero bytes. */
  Constant room(int lengthBytes) {
    return new Constant(file.reserve(lengthBytes));
  }

  /** A variable that is zero at first. */
  Variable variable() {
    return new Variable(file.reserve(SIZE_OF_VARIABLE));
  }

  // Statements

  /** Keeps the address of what the kernel left on the stack: words' number, words, environment. */
  void keepStack(Variable to) {
    code.bytes(0x48, 0x89, 0x24, 0x25).word(to.address());
  }

  void set(Variable to, Value value) {
    load(RAX, value);
    store(to);
  }

  void add(Variable to, Value value) {
    load(RAX, value);
    code.bytes(0x48, 0x01, 0x04, 0x25).word(to.address());
  }

  void subtract(Variable from, Value value) {
    load(RAX, value);
    code.bytes(0x48, 0x29, 0x04, 0x25).word(from.address());
  }

  /** Reads memory: 1, 2, 4 or 8 bytes, which are unsigned. */
  void read(Variable to, int sizeBytes, Value address, int offset) {
    load(RCX, address);
    switch (sizeBytes) {
      case 1 -> code.bytes(0x0F, 0xB6, 0x81);
      case 2 -> code.bytes(0x0F, 0xB7, 0x81);
      case 4 -> code.bytes(0x8B, 0x81);
      case 8 -> code.bytes(0x48, 0x8B, 0x81);
      default -> throw new IllegalArgumentException("no such size: " + sizeBytes);
    }
    code.word(offset);
    store(to);
  }

  /** Writes memory: 1, 2, 4 or 8 bytes. */
  void write(int sizeBytes, Value address, int offset, Value value) {
    load(RAX, value);
    load(RCX, address);
    switch (sizeBytes) {
      case 1 -> code.bytes(0x88, 0x81);
      case 2 -> code.bytes(0x66, 0x89, 0x81);
      case 4 -> code.bytes(0x89, 0x81);
      case 8 -> code.bytes(0x48, 0x89, 0x81);
      default -> throw new IllegalArgumentException("no such size: " + sizeBytes);
    }
    code.word(offset);
  }

  /** Calls the kernel; a result from -4095 to -1 is an error. */
  void syscall(Variable result, Syscall call, Value... arguments) {
    syscall(call, arguments);
    store(result);
  }

  /** Calls the kernel, whatever comes of it. */
  void syscall(Syscall call, Value... arguments) {
    for (int i = 0; i < arguments.length; i++) {
      load(ARGUMENTS[i], arguments[i]);
    }
    load(RAX, number(call.number));
    code.bytes(0x0F, 0x05);
  }

  void exit(int status) {
    syscall(Syscall.EXIT, number(status));
  }

  void when(Value left, Condition is, Value right, Runnable then) {
    load(RAX, left);
    load(RCX, right);
    code.bytes(0x48, 0x39, 0xC8); // CMP RAX, RCX
    int over = code.jumpIf(is.jumpIfNot);
    then.run();
    code.land(over);
  }

  /** Does something again and again, until {@link #leave()} or {@link #giveBack()}. */
  void loop(Runnable body) {
    int[] outer = leaves;
    int outerCount = leaveCount;
    leaves = new int[4];
    leaveCount = 0;
    int start = code.size();
    body.run();
    code.jumpTo(start);
    for (int i = 0; i < leaveCount; i++) {
      code.land(leaves[i]);
    }
    leaves = outer;
    leaveCount = outerCount;
  }

  /** Leaves the loop around it. */
  void leave() {
    if (leaveCount == leaves.length) {
      leaves = Arrays.copyOf(leaves, 2 * leaveCount);
    }
    leaves[leaveCount++] = code.jump();
  }

  /** Writes a routine; control comes there by calls alone. */
  Routine routine(Runnable body) {
    Routine routine = new Routine();
    int over = code.jump();
    routine.at = code.size();
    body.run();
    giveBack();
    code.land(over);
    return routine;
  }

  void call(Routine routine) {
    code.call(routine.at);
  }

  /** Ends a routine. */
  void giveBack() {
    code.bytes(0xC3);
  }

  /** The program as a file. */
  byte[] finish() {
    return file.finish(code.toBytes());
  }

  private void load(int register, Value value) {
    switch (value) {
      case Constant constant -> code.move(register, constant.number());
      case Variable variable -> code.load(register, variable.address());
    }
  }

  /** Keeps RAX. */
  private void store(Variable to) {
    code.bytes(0x48, 0x89, 0x04, 0x25).word(to.address());
  }
}
