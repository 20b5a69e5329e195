package dev.ringzero.testkit.guest;

import dev.ringzero.x86.ExitReason;
import dev.ringzero.x86.Vector;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * Guests of a few instructions that run without any firmware, the same on every engine. They start
 * in real mode at {@link #CODE}; where they tell what they saw, they store it at {@link #RESULT}.
 */
public enum BareMetalGuest {
  REAL_MODE_PORTS(
      Start.REAL_MODE,
      "B0 41 E6 10" // mov al, 41h; out 10h, al
          + "E4 11 FE C0" // in al, 11h; inc al
          + "BA 34 12 EE" // mov dx, 1234h; out dx, al
          + "B8 EF BE EF F4", // mov ax, 0BEEFh; out dx, ax; hlt
      expect()
          .access("out 10/1 41")
          .access("in 11/1")
          .access("out 1234/1 78")
          .access("out 1234/2 beef")),

  STRING_OF_BYTES_TO_A_PORT(
      Start.LONG_MODE,
      "BE 40 1F 00 00 B9 03 00 00 00" // mov esi, 1F40h; mov ecx, 3
          + "BA 34 12 00 00 FC F3 6E F4", // mov edx, 1234h; cld; rep outsb; hlt
      expect().access("out 1234/1 61").access("out 1234/1 62").access("out 1234/1 63")),

  PROTECTED_MODE(
      Start.REAL_MODE,
      "FA 31 C0 8E D8 66 0F 01 16 00 1F" // cli; xor ax, ax; mov ds, ax; lgdt [1F00h]
          + "0F 20 C0 0C 01 0F 22 C0" // mov eax, cr0; or al, 1; mov cr0, eax
          + "66 EA 1B 10 00 00 18 00" // jmp 18h:101Bh
          + "66 B8 10 00 8E D8" // mov ax, 10h; mov ds, ax
          + "C7 05 00 80 00 00 BE BA FE CA F4", // mov dword [8000h], 0CAFEBABEh; hlt
      expect().result(0xCAFE_BABEL)),

  DEVICE_MEMORY(
      Start.LONG_MODE,
      "8B 04 25 00 00 40 00 FF C0" // mov eax, [400000h]; inc eax
          + "89 04 25 04 00 40 00" // mov [400004h], eax
          + "0F B6 0C 25 09 00 40 00" // movzx ecx, byte [400009h]
          + "48 8B 1C 25 10 00 40 00" // mov rbx, [400010h]
          + "48 89 1C 25 18 00 40 00" // mov [400018h], rbx
          + "66 89 0C 25 20 00 40 00 F4", // mov [400020h], cx; hlt
      expect()
          .access("read 400000/4")
          .access("write 400004/4 44332212")
          .access("read 400009/1")
          .access("read 400010/8")
          .access("write 400018/8 8877665544332211")
          .access("write 400020/2 11")),

  CPUID(
      Start.LONG_MODE,
      "B8 00 00 00 40 31 C9 0F A2" // mov eax, 40000000h; xor ecx, ecx; cpuid
          + "89 1C 25 00 80 00 00 89 0C 25 04 80 00 00" // mov [8000h], ebx; mov [8004h], ecx
          + "89 14 25 08 80 00 00 F4", // mov [8008h], edx; hlt
      expect().result(0x2222_2222_1111_1111L).second(0x3333_3333L)),

  MODEL_SPECIFIC_REGISTER(
      Start.LONG_MODE,
      "B9 81 00 00 C0 B8 44 33 22 11" // mov ecx, 0C0000081h; mov eax, 11223344h
          + "BA 88 77 66 55 0F 30" // mov edx, 55667788h; wrmsr
          + "31 C0 31 D2 0F 32" // xor eax, eax; xor edx, edx; rdmsr
          + "89 04 25 00 80 00 00 89 14 25 04 80 00 00 F4", // mov [8000h], eax; [8004h], edx; hlt
      expect().result(0x5566_7788_1122_3344L)),

  UNKNOWN_MODEL_SPECIFIC_REGISTER(
      Start.LONG_MODE,
      "B9 45 23 01 00 0F 32 F4", // mov ecx, 12345h; rdmsr; hlt
      Vector.GP,
      "58 48 89 04 25 08 80 00 00" // pop rax; mov [8008h], rax
          + "C7 04 25 00 80 00 00 0D 00 00 00 F4", // mov dword [8000h], 13; hlt
      expect().result(13)),

  PAGE_FAULT(
      Start.LONG_MODE,
      "8B 04 25 00 00 60 00 F4", // mov eax, [600000h]; hlt
      Vector.PF,
      "0F 20 D0 48 89 04 25 00 80 00 00" // mov rax, cr2; mov [8000h], rax
          + "58 48 89 04 25 08 80 00 00 F4", // pop rax; mov [8008h], rax; hlt
      expect().result(0x60_0000)),

  INVALID_OPCODE(
      Start.LONG_MODE,
      "0F 0B", // ud2
      Vector.UD,
      "58 48 89 04 25 00 80 00 00 F4", // pop rax; mov [8000h], rax; hlt
      expect().result(Start.LONG_MODE_BODY)),

  MASKED_INTERRUPT_WAITS(
      Start.LONG_MODE,
      "E6 20 90" // out 20h, al: raises the interrupt; nop
          + "C7 04 25 00 80 00 00 01 00 00 00" // mov dword [8000h], 1
          + "FB 90 FA F4", // sti; nop; cli; hlt
      BareMetalMachine.INTERRUPT,
      Handlers.ADDS_ONE,
      expect().access("out 20/1 10").result(1).second(2)),

  INTERRUPT_ENDS_HALT(
      Start.LONG_MODE,
      "FB F4" // sti; hlt
          + "C7 04 25 00 80 00 00 02 00 00 00 FA F4", // mov dword [8000h], 2; cli; hlt
      BareMetalMachine.INTERRUPT,
      Handlers.ADDS_ONE,
      expect().result(2).second(1)),

  TASK_PRIORITY_HOLDS_AN_INTERRUPT_BACK(
      Start.LONG_MODE,
      "B8 05 00 00 00 44 0F 22 C0" // mov eax, 5; mov cr8, rax
          + "44 0F 20 C3 48 89 1C 25 00 80 00 00" // mov rbx, cr8; mov [8000h], rbx
          + "E6 20 FB 90 90" // out 20h, al; sti; nop; nop
          + "31 C0 44 0F 22 C0 90 FA F4", // xor eax, eax; mov cr8, rax; nop; cli; hlt
      BareMetalMachine.INTERRUPT,
      Handlers.ADDS_ONE,
      expect().access("out 20/1 5").result(5).second(6)),

  NON_MASKABLE_INTERRUPT(
      Start.LONG_MODE,
      "E6 22 90" // out 22h, al: raises the NMI; nop
          + "C7 04 25 00 80 00 00 03 00 00 00 F4", // mov dword [8000h], 3; hlt
      Vector.NMI,
      Handlers.ADDS_ONE,
      expect().access("out 22/1 10").result(3).second(1)),

  TRIPLE_FAULT(
      Start.LONG_MODE,
      "0F 01 1C 25 20 1F 00 00 0F 0B", // lidt [1F20h]; ud2
      expect().end(ExitReason.TRIPLE_FAULT)),

  SECOND_PROCESSOR(
      Start.LONG_MODE,
      "E6 28" // out 28h, al: starts the second processor
          + "F3 90 83 3C 25 00 80 00 00 02 75 F4" // pause; cmp dword [8000h], 2; jne back
          + "F0 48 83 04 25 08 80 00 00 03 F4", // lock add qword [8008h], 3; hlt
      expect().access("out 28/1 10").result(2).second(7)),

  STOPPED_BY_ANOTHER_THREAD(
      Start.LONG_MODE,
      "E6 26 EB FE", // out 26h, al: lets another thread stop the vCPU; jmp $
      expect().access("out 26/1 10").end(ExitReason.STOP_REQUESTED));

  public static final long CODE = 0x1000;
  public static final long RESULT = 0x8000;

  /** Where the second processor starts, in real mode. */
  static final long SECOND_CODE = 0x6000;

  private static final long HANDLER = 0x7000;

  private static final String SECOND_PROGRAM =
      "F0 83 06 08 80 04" // lock add word [8008h], 4
          + "F0 83 06 00 80 02 F4"; // lock add word [8000h], 2; hlt

  private final String program;
  private final int vector;
  private final String handler;
  private final Expectation expectation;

  BareMetalGuest(Start start, String program, Expectation expectation) {
    this(start, program, Vector.MC, "F4", expectation);
  }

  BareMetalGuest(Start start, String program, int vector, String handler, Expectation expectation) {
    this.program = start.code + program;
    this.vector = vector;
    this.handler = handler;
    this.expectation = expectation;
  }

  private static Expectation expect() {
    return new Expectation(List.of(), ExitReason.HLT, 0, 0);
  }

  public Expectation expectation() {
    return expectation;
  }

  /** Puts the program, its tables and its handler into memory. */
  public void load(BareMetalRam ram) {
    BareMetalTables.load(ram, vector, HANDLER);
    ram.write(CODE, bytes(program));
    ram.write(HANDLER, bytes(handler));
    ram.write(SECOND_CODE, bytes(SECOND_PROGRAM));
  }

  private static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex.replace(" ", ""));
  }

  /** How a guest begins. */
  private enum Start {
    REAL_MODE(""),
    LONG_MODE(
        "FA 31 C0 8E D8" // cli; xor ax, ax; mov ds, ax
            + "66 0F 01 16 00 1F 66 0F 01 1E 10 1F" // lgdt [1F00h]; lidt [1F10h]
            + "66 B8 20 00 00 00 0F 22 E0" // mov eax, 20h; mov cr4, eax
            + "66 B8 00 20 00 00 0F 22 D8" // mov eax, 2000h; mov cr3, eax
            + "66 B9 80 00 00 C0 0F 32" // mov ecx, 0C0000080h; rdmsr
            + "66 0D 01 01 00 00 0F 30" // or eax, 101h; wrmsr
            + "66 B8 11 00 00 80 0F 22 C0" // mov eax, 80000011h; mov cr0, eax
            + "66 EA 44 10 00 00 08 00" // jmp 8:1044h
            + "66 B8 10 00 8E D0 8E D8" // mov ax, 10h; mov ss, ax; mov ds, ax
            + "BC 00 90 00 00"); // mov esp, 9000h

    /** Where a program goes on in long mode. */
    static final long LONG_MODE_BODY = 0x1051;

    final String code;

    Start(String code) {
      this.code = code;
    }
  }

  private static final class Handlers {
    /** mov eax, [8000h]; inc eax; mov [8008h], eax; iretq. */
    static final String ADDS_ONE = "8B 04 25 00 80 00 00 FF C0 89 04 25 08 80 00 00 48 CF";
  }

  /**
   * What a guest does.
   *
   * @param accesses of devices, in order
   * @param end why it left for good
   * @param result the first eight bytes that it stored
   * @param second the eight bytes behind them
   */
  public record Expectation(List<String> accesses, ExitReason end, long result, long second) {
    private Expectation access(String access) {
      List<String> more = new ArrayList<>(accesses);
      more.add(access);
      return new Expectation(List.copyOf(more), end, result, second);
    }

    private Expectation end(ExitReason reason) {
      return new Expectation(accesses, reason, result, second);
    }

    private Expectation result(long value) {
      return new Expectation(accesses, end, value, second);
    }

    private Expectation second(long value) {
      return new Expectation(accesses, end, result, value);
    }
  }
}
