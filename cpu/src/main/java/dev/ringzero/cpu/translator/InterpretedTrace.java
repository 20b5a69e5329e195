package dev.ringzero.cpu.translator;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.ExitSignal;
import dev.ringzero.cpu.GuestFault;
import dev.ringzero.cpu.interpreter.CodeCache;
import dev.ringzero.cpu.interpreter.Interpreter;
import dev.ringzero.memory.MachineMemory;
import dev.ringzero.x86.Rflags;
import dev.ringzero.x86.instruction.Instruction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The next ordinary instructions as the interpreter runs them, recorded one by one and undone, so
 * that something else can run them again. It ends before the first instruction that is special,
 * faults, or touches anything but memory without code.
 */
final class InterpretedTrace {
  static final int MOST = 128;

  /** Approximations. */
  private static final Set<String> TRANSCENDENTAL =
      Set.of("FSIN", "FCOS", "FSINCOS", "FPTAN", "FPATAN", "F2XM1", "FYL2X", "FYL2XP1");

  /** One byte of memory that an instruction read or wrote. */
  private record Touched(int step, long hpa, byte before, byte after, boolean written) {}

  private final Cpu cpu;
  private final Interpreter interpreter;
  private final CodeCache cache;
  private final Ordinary ordinary;
  private final MemoryOperands operands;
  private final ProcessorSnapshot[] states = new ProcessorSnapshot[MOST + 1];
  private final long[] openFlags = new long[MOST + 1];
  private final List<Touched> touched = new ArrayList<>();
  private int steps;

  InterpretedTrace(Cpu cpu, Interpreter interpreter, CodeCache cache, Ordinary ordinary) {
    this.cpu = cpu;
    this.interpreter = interpreter;
    this.cache = cache;
    this.ordinary = ordinary;
    operands = new MemoryOperands(cpu);
    Arrays.setAll(states, n -> new ProcessorSnapshot());
  }

  /** Records from {@link Cpu#rip} on; the processor and memory are as before afterwards. */
  int record() {
    touched.clear();
    steps = 0;
    openFlags[0] = 0;
    states[0].take(cpu);
    try {
      while (steps < MOST && step()) {
        states[++steps].take(cpu);
      }
    } catch (GuestFault | ExitSignal e) {
      // The instruction is for somebody else.
    }
    undo();
    return steps;
  }

  private boolean step() {
    Instruction i = interpreter.peek();
    int first = touched.size();
    if (i == null || !isComparable(i) || !noteMemory(i)) {
      return false;
    }
    interpreter.step();
    noteResults(first);
    long undefined = i.form.flagsUndefined & Rflags.STATUS;
    long defined = i.form.flagsWritten & ~undefined;
    openFlags[steps + 1] = openFlags[steps] & ~defined | undefined;
    return true;
  }

  private boolean isComparable(Instruction i) {
    String meaning = i.form.meaning;
    return switch (ordinary.kind(i.form)) {
      case VECTOR -> !meaning.contains("RCP") && !meaning.contains("RSQRT"); // approximations
      case PLAIN, LEA, NOTHING, PREFETCH, PUSH, POP, LEAVE -> true;
      case CALL, RET, JMP, JCC, LOOP, DIVISION, CLI, PAUSE -> true;
      case X87 -> !TRANSCENDENTAL.contains(meaning);
      case MMX -> true;
      case PUSHF -> openFlags[steps] == 0;
      default -> false;
    };
  }

  private boolean noteMemory(Instruction i) {
    if (!operands.find(i)) {
      return false;
    }
    for (int n = 0; n < operands.count(); n++) {
      for (int k = 0; k < operands.sizeBytes(n); k++) {
        long hpa = cpu.mmu.peekMachine(operands.linear(n) + k);
        boolean written = operands.written(n);
        if (hpa < 0 || written && cache.isProtected(hpa >>> 12)) {
          return false;
        }
        byte now = (byte) MachineMemory.read8(hpa);
        touched.add(new Touched(steps, hpa, now, now, written));
      }
    }
    return true;
  }

  private void noteResults(int first) {
    for (int n = first; n < touched.size(); n++) {
      Touched t = touched.get(n);
      if (t.written) {
        byte after = (byte) MachineMemory.read8(t.hpa);
        touched.set(n, new Touched(t.step, t.hpa, t.before, after, true));
      }
    }
  }

  private void undo() {
    for (int n = touched.size() - 1; n >= 0; n--) {
      Touched t = touched.get(n);
      if (t.written) {
        MachineMemory.write8(t.hpa, t.before);
      }
    }
    states[0].giveBack(cpu);
  }

  /** Instructions recorded. */
  int steps() {
    return steps;
  }

  /** The state after so many instructions. */
  ProcessorSnapshot after(int instructions) {
    return states[instructions];
  }

  /** Status flags that the manual leaves open after so many instructions. */
  long openFlags(int instructions) {
    return openFlags[instructions];
  }

  /** Memory that is not what it was after so many instructions, in words. */
  List<String> memoryDifferences(int instructions) {
    Map<Long, Byte> expected = new HashMap<>();
    for (Touched t : touched) {
      expected.putIfAbsent(t.hpa, t.before);
      if (t.written && t.step < instructions) {
        expected.put(t.hpa, t.after);
      }
    }
    List<String> found = new ArrayList<>();
    expected.forEach((hpa, value) -> {
      byte now = (byte) MachineMemory.read8(hpa);
      if (now != value) {
        found.add("memory at %x: interpreted %02x, now %02x".formatted(hpa, value, now));
      }
    });
    return found;
  }

  /** Whether others wrote what these instructions only read. */
  boolean wasDisturbed() {
    Map<Long, Byte> read = new HashMap<>();
    touched.forEach(t -> read.putIfAbsent(t.hpa, t.before));
    touched.stream().filter(Touched::written).forEach(t -> read.remove(t.hpa));
    return read.entrySet().stream()
        .anyMatch(e -> (byte) MachineMemory.read8(e.getKey()) != e.getValue());
  }
}
