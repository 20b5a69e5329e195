package dev.ringzero.cpu.translator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ringzero.cpu.GuestFixture;
import dev.ringzero.engine.Register;
import dev.ringzero.engine.SegmentState;
import dev.ringzero.x86.ExitReason;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** 32-bit code of a program, on the interpreter and on the translator. */
class NarrowCodeTest {
  private static final int AREA = 3 * 4096;
  private static final int FLAT = 0xC0F3;
  private static final Register[] REGISTERS = {
    Register.RAX, Register.RCX, Register.RDX, Register.RBX,
    Register.RSP, Register.RBP, Register.RSI, Register.RDI
  };

  @BeforeAll
  static void needsAHostThatCanRunIt() {
    TranslatingExecutor.whyNot().ifPresent(reason -> assumeTrue(false, reason));
  }

  private static GuestFixture guest(boolean translator) {
    GuestFixture guest = new GuestFixture(translator);
    guest.memory.write64(0x1000, 0x2000 | 7); // user pages, all of them
    guest.memory.write64(0x2000, 0x87);
    for (int segment : new int[] {0, 2, 3, 4}) {
      guest.cpu.segment(segment, new SegmentState(0x2B, 0, 0xFFFF_FFFFL, FLAT));
    }
    guest.cpu.segment(5, new SegmentState(0x33, GuestFixture.DATA + 64, 0xFFFF_FFFFL, FLAT));
    guest.cpu.segment(SegmentState.CS, new SegmentState(0x23, 0, 0xFFFF_FFFFL, 0xC0FB));
    return guest;
  }

  /** Runs code to the HLT behind it, which faults. */
  private static void run(GuestFixture guest, String code) {
    guest.bytes(GuestFixture.CODE, code + "F4").set(Register.RIP, GuestFixture.CODE);
    assertThat(guest.runUntilExit()).isEqualTo(ExitReason.TRIPLE_FAULT);
  }

  private static String outcome(boolean translator, String code) {
    try (GuestFixture guest = guest(translator)) {
      byte[] bytes = new byte[AREA];
      new Random(5).nextBytes(bytes);
      guest.memory.write(GuestFixture.DATA, bytes);
      guest.set(Register.RAX, 0x1122_3344).set(Register.RBX, GuestFixture.DATA + 0x40);
      guest.set(Register.RCX, 5).set(Register.RDX, 0x8000_0001L).set(Register.RBP, 0x7F);
      guest.set(Register.RSI, GuestFixture.DATA + 0x200);
      guest.set(Register.RDI, GuestFixture.DATA + 0xFF0);
      guest.set(Register.RSP, GuestFixture.DATA + 0x2000);
      run(guest, code);
      if (translator) {
        assertThat(guest.cpu.statistics().interpreted()).as(code).isLessThan(8);
      }
      guest.memory.read(GuestFixture.DATA, bytes, 0, AREA);
      StringBuilder text = new StringBuilder();
      for (Register register : REGISTERS) {
        text.append(Long.toHexString(guest.get(register) & 0xFFFF_FFFFL)).append(' ');
      }
      long rip = guest.get(Register.RIP);
      return text.append(guest.flags())
          .append(' ')
          .append(Long.toHexString(rip))
          .append(' ')
          .append(Arrays.hashCode(bytes))
          .toString();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "40 4B 66 41 66 4A 47 4F 44 4C", // inc eax; dec ebx; inc cx; dec dx; inc edi; dec edi; esp
        "50 53 55 59 5A 66 50 66 58 68 78 56 34 12 6A FF 58 5B", // push and pop
        "FF 33 FF 73 04 58 5A 8F 03", // push [ebx]; push [ebx+4]; pop; pop; pop [ebx]
        "E8 01 00 00 00 90 58 8B 00", // call next; pop eax; mov eax,[eax]
        "E8 02 00 00 00 EB 06 B8 01 00 00 00 C3 43", // call f; jmp over; f: mov; ret; over: inc ebx
        "E8 02 00 00 00 EB 03 C2 08 00 43", // call f; jmp over; f: ret 8; over: inc
        "55 89 E5 83 EC 18 89 45 F4 C9", // a frame, and leave
        "A1 40 00 20 00 A3 48 00 20 00 A0 41 00 20 00 A2 42 00 20 00 66 A1 44 00 20 00", // moffs
        "8B 05 50 00 20 00 01 05 54 00 20 00 C7 05 58 00 20 00 78 56 34 12", // [disp32]
        "65 A1 F8 FF FF FF 65 8B 15 04 00 00 00 65 89 15 08 00 00 00 65 03 43 00", // gs:
        "BB 00 00 00 00 65 8B 03 BB FC FF FF FF 65 8B 13", // gs:[ebx] on both sides of 0
        "8D 83 00 00 F0 FF 8B 80 00 00 10 00 8D 4C 33 7F", // sums that wrap
        "BB 00 00 40 FF 8B 83 40 00 E0 00", // [ebx + disp] beyond 4 GiB
        "AC AA A4 A5 66 A7 A6 AE AF AD AB", // string instructions, singly
        "F3 A4 B9 09 00 00 00 F3 AB B9 07 00 00 00 F3 A6 B9 20 00 00 00 F2 AE", // repeated
        "40 E2 FD B9 03 00 00 00 43 39 C0 E1 FB", // loop; loope
        "0F A3 0B 0F AB 13 0F BA 33 05 0F BB 03", // bt [ebx],ecx; bts [ebx],edx (far back)
        "F7 E1 F7 F9 31 D2 F7 F1 0F AF C3 6B C9 07", // mul; idiv; div; imul
        "0F C7 0B F0 0F B1 0B 0F C1 03 87 03 0F C8", // cmpxchg8b; cmpxchg; xadd; xchg; bswap
        "88 E3 00 FC 0F B6 CC 86 E0 D0 EC", // high bytes
        "88 63 05 3A 63 05 38 7B 06 00 63 07 84 73 08 86 63 09", // high bytes and memory
        "DD 03 D8 43 08 DD 5B 10 D9 EB DB 7B 20 DB 3B 9B", // x87
        "0F 6F 03 0F FE C0 0F 7F 43 08 0F 77", // MMX
        "8D 05 50 00 10 00 66 8B 0B 66 01 4B 02 0F B7 53 02 0F BE 43 05 98 99 66 99", // widths
        "0F 9C C0 0F 4C D1 0F A4 D0 05 0F AD CA 0F BC C3 0F BD D3", // setl; cmovl; shld; bsf
        "B8 08 00 10 00 FF E0 90 43", // jmp eax
        "C7 03 09 00 10 00 FF 23 90 43", // jmp [ebx]
      })
  void codeDoesWhatTheInterpreterDoes(String code) {
    assertThat(outcome(true, code)).as(code).isEqualTo(outcome(false, code));
  }

  @Test
  void loopsRunNatively() {
    try (GuestFixture guest = guest(true)) {
      guest.set(Register.RCX, 100_000).set(Register.RAX, 0);
      run(guest, "40 50 58 49 75 FA"); // inc eax; push; pop; dec ecx; jnz
      assertThat(guest.get(Register.RAX)).isEqualTo(100_000);
      assertThat(guest.cpu.statistics().interpreted()).isLessThan(10);
    }
  }

  @Test
  void segmentsThatAreNotFlatAreTheInterpreters() {
    try (GuestFixture guest = guest(true)) {
      guest.cpu.segment(3, new SegmentState(0x2B, GuestFixture.DATA, 0xFFF, 0x40F3));
      guest.memory.write64(GuestFixture.DATA + 8, 42);
      guest.set(Register.RBX, 8);
      run(guest, "8B 03 8B 9B F8 0F 00 00"); // mov eax,[ebx]; mov ebx,[ebx + 0xFF8]: beyond
      assertThat(guest.get(Register.RAX)).isEqualTo(42);
      assertThat(guest.get(Register.RIP)).isEqualTo(GuestFixture.CODE + 2);
    }
  }

  @Test
  void sameBytesMeanOtherThingsInBothSizes() {
    String code = "40 FF C0"; // inc eax twice; with 64-bit operands: rex inc eax
    try (GuestFixture guest = guest(true)) {
      guest.set(Register.RAX, 1);
      run(guest, code);
      assertThat(guest.get(Register.RAX)).isEqualTo(3);
    }
    try (GuestFixture guest = new GuestFixture(true)) {
      guest.set(Register.RAX, 1).run(code);
      assertThat(guest.get(Register.RAX)).isEqualTo(2);
    }
  }

  @Test
  void upperHalvesOfPointersDoNotCount() {
    try (GuestFixture guest = guest(true)) {
      guest.memory.write64(GuestFixture.DATA, 0x55);
      guest.set(Register.RBX, 7L << 32 | GuestFixture.DATA).set(Register.RCX, 1L << 40 | 3);
      guest
          .set(Register.RSI, 7L << 32 | GuestFixture.DATA)
          .set(Register.RDI, GuestFixture.DATA + 8);
      run(guest, "8B 03 8B 14 8B F3 A4 FF 33 5A"); // mov; mov [ebx+ecx*4]; rep movsb; push; pop
      assertThat(guest.get(Register.RAX)).isEqualTo(0x55);
      assertThat(guest.memory.read64(GuestFixture.DATA + 8)).isEqualTo(0x55);
      assertThat(guest.get(Register.RCX)).isZero();
      assertThat(guest.get(Register.RDX)).isEqualTo(0x55);
    }
  }
}
