package dev.ringzero.cpu.translator;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs host code that raises exceptions, again and again, while other threads raise and catch
 * exceptions of Java that the JVM makes from signals. A JVM of its own: without the net it dies.
 */
final class SignalNetProgram {
  private static final int ROUNDS = 2000;

  /** What raises an exception, and its vector. */
  private record Bad(int vector, int... bytes) {}

  private static final List<Bad> BAD =
      List.of(
          new Bad(6, 0x0F, 0x0B), // ud2
          new Bad(14, 0x48, 0x8B, 0x04, 0x25, 0, 0, 0, 0), // mov rax, [0]
          new Bad(14, 0x48, 0x89, 0x04, 0x25, 0, 0x10, 0, 0), // mov [1000h], rax
          new Bad(0, 0x31, 0xC9, 0x48, 0xF7, 0xF1), // xor ecx, ecx; div rcx
          new Bad(13, 0x48, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0x80, 0x48, 0x8B, 0x00)); // not canonical

  private static volatile boolean over;
  private static volatile Object sink;

  private SignalNetProgram() {}

  public static void main(String[] arguments) throws InterruptedException {
    SignalNet.spread();
    List<Thread> others = new ArrayList<>();
    others.add(Thread.ofPlatform().start(SignalNetProgram::nullPointers));
    others.add(Thread.ofPlatform().start(SignalNetProgram::overflows));
    others.add(Thread.ofPlatform().start(SignalNetProgram::collections));
    int caught = 0;
    CodeMemory memory = new CodeMemory(1 << 20);
    StateBlock state = new StateBlock();
    Assembler code = new Assembler();
    code.begin(64);
    Stubs stubs = new Stubs(code);
    state.set(StateBlock.FAULT_EXIT, memory.executable(stubs.fault));
    MemorySegment enter = MemorySegment.ofAddress(memory.executable(stubs.enter));
    for (Bad bad : BAD) {
      int at = code.position();
      code.bytes(0xB8 | 3); // mov ebx, imm32: a register that must come out
      code.dword(0x1234);
      for (int value : bad.bytes) {
        code.bytes(value);
      }
      memory.write(64, code.written(), code.length());
      for (int round = 0; round < ROUNDS; round++) {
        state.set(StateBlock.RESUME, memory.executable(at));
        long reason = HostCode.call(enter, state.address());
        boolean right =
            reason == ExitKind.FAULT.ordinal()
                && state.get32(StateBlock.SITE) == bad.vector
                && state.get(StateBlock.GPR + 8 * 3) == 0x1234;
        caught += right ? 1 : 0;
      }
    }
    over = true;
    for (Thread other : others) {
      other.join();
    }
    System.out.println("caught " + caught + " of " + ROUNDS * BAD.size());
    System.exit(caught == ROUNDS * BAD.size() ? 0 : 1);
  }

  private static void nullPointers() {
    int[] nothing = null;
    while (!over) {
      try {
        sink = nothing[3];
      } catch (NullPointerException e) {
        sink = e;
      }
    }
  }

  private static void overflows() {
    while (!over) {
      try {
        sink = deeper(0);
      } catch (StackOverflowError e) {
        sink = null;
      }
    }
  }

  private static int deeper(int depth) {
    return over ? depth : 1 + deeper(depth + 1);
  }

  private static void collections() {
    while (!over) {
      sink = new byte[1 << 16];
      System.gc();
    }
  }
}
