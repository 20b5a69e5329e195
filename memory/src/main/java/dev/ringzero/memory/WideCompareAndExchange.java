package dev.ringzero.memory;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Atomic compare-and-exchange of 16 bytes, which Java lacks: a few bytes of machine code, where the
 * host is an x86-64 Linux and the JVM may call native code.
 */
final class WideCompareAndExchange {
  /**
   * <pre>
   * int f(rdi: address, rsi, rdx: expected, rcx, r8: new, r9: where the value found goes)
   * push rbx; mov rax,rsi; mov rbx,rcx; mov rcx,r8; lock cmpxchg16b [rdi]
   * mov [r9],rax; mov [r9+8],rdx; sete al; movzx eax,al; pop rbx; ret
   * </pre>
   */
  private static final byte[] CODE = {
    0x53,
    0x48,
    (byte) 0x89,
    (byte) 0xF0,
    0x48,
    (byte) 0x89,
    (byte) 0xCB,
    0x4C,
    (byte) 0x89,
    (byte) 0xC1,
    (byte) 0xF0,
    0x48,
    0x0F,
    (byte) 0xC7,
    0x0F,
    0x49,
    (byte) 0x89,
    0x01,
    0x49,
    (byte) 0x89,
    0x51,
    0x08,
    0x0F,
    (byte) 0x94,
    (byte) 0xC0,
    0x0F,
    (byte) 0xB6,
    (byte) 0xC0,
    0x5B,
    (byte) 0xC3
  };

  private static final MethodHandle FUNCTION = link();

  private WideCompareAndExchange() {}

  static boolean isAvailable() {
    return FUNCTION != null;
  }

  /**
   * Compares and exchanges.
   *
   * @param address host address, a multiple of 16
   * @param operand expected low and high, new low and high
   * @param found where the 16 bytes found go
   */
  static boolean run(long address, long[] operand, MemorySegment found) {
    try {
      int equal =
          (int)
              FUNCTION.invokeExact(address, operand[0], operand[1], operand[2], operand[3], found);
      return equal != 0;
    } catch (Throwable e) {
      throw new IllegalStateException("cannot call the 16-byte compare and exchange", e);
    }
  }

  @SuppressWarnings("restricted")
  private static MethodHandle link() {
    if (!HostCalls.areAllowed() || !System.getProperty("os.arch").equals("amd64")) {
      return null;
    }
    MemorySegment code = HostCalls.executable(CODE);
    return code == null
        ? null
        : Linker.nativeLinker()
            .downcallHandle(
                code,
                FunctionDescriptor.of(
                    JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, ADDRESS),
                Linker.Option.critical(false));
  }
}
