package dev.ringzero.cpu.translator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ringzero.cpu.GuestFixture;
import dev.ringzero.engine.Register;
import dev.ringzero.x86.Cr4;
import dev.ringzero.x86.ExitReason;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class StringStubsTest {
  private static final String[] OPCODES = {"F3 AA", "F3 66 AB", "F3 AB", "F3 48 AB"};
  private static final String[] MOVES = {"F3 A4", "F3 66 A5", "F3 A5", "F3 48 A5"};
  private static final int AREA = 5 * 4096;

  @BeforeAll
  static void needsAHostThatCanRunIt() {
    TranslatingExecutor.whyNot().ifPresent(reason -> assumeTrue(false, reason));
  }

  /** Registers and memory after a string instruction. */
  private static String outcome(boolean translator, String code, long from, long to, long count) {
    try (GuestFixture guest = new GuestFixture(translator)) {
      byte[] bytes = new byte[AREA];
      new Random(7).nextBytes(bytes);
      guest.memory.write(GuestFixture.DATA, bytes);
      guest.set(Register.RAX, 0x1122_3344_5566_7788L);
      guest.set(Register.RSI, GuestFixture.DATA + from).set(Register.RDI, GuestFixture.DATA + to);
      guest.set(Register.RCX, count);
      guest.run("F9 " + code); // stc: flags stay as they are
      byte[] after = new byte[AREA];
      guest.memory.read(GuestFixture.DATA, after, 0, AREA);
      if (translator) {
        assertThat(guest.cpu.statistics().interpreted()).isLessThan(10);
      }
      return "%x %x %x %s %s"
          .formatted(
              guest.get(Register.RSI),
              guest.get(Register.RDI),
              guest.get(Register.RCX),
              guest.flags(),
              Arrays.hashCode(after));
    }
  }

  @Test
  void repeatedStoresAndMovesLeaveWhatTheInterpreterLeaves() {
    Random random = new Random(1);
    for (int n = 0; n < 60; n++) {
      int size = random.nextInt(4);
      long from = random.nextInt(8000);
      long to = n % 3 == 0 ? from + random.nextInt(40) - 20 & 8191 : random.nextInt(8000);
      long count = n % 5 == 0 ? n % 2 : random.nextInt(1000);
      for (String code : new String[] {OPCODES[size], MOVES[size]}) {
        assertThat(outcome(true, code, from, to, count))
            .as("%s from %d to %d, %d times", code, from, to, count)
            .isEqualTo(outcome(false, code, from, to, count));
      }
    }
  }

  @Test
  void comparisonsAndSingleStepsLeaveWhatTheInterpreterLeaves() {
    Random random = new Random(3);
    String[] codes = {
      "F3 A6",
      "F2 A6",
      "F3 66 A7",
      "F2 A7",
      "F3 48 A7",
      "F3 AE",
      "F2 AE",
      "F2 66 AF",
      "F3 AF",
      "F2 48 AF",
      "A6",
      "48 A7",
      "66 AF",
      "AE",
      "A4",
      "66 A5",
      "A5",
      "48 A5",
      "AA",
      "48 AB",
      "AC",
      "AD",
      "66 AD"
    };
    for (int n = 0; n < 80; n++) {
      String code = codes[n % codes.length];
      long from = random.nextInt(8000);
      long to = n % 3 == 0 ? from : random.nextInt(8000);
      long count = n % 5 == 0 ? n % 2 : random.nextInt(4000);
      assertThat(outcome(true, code, from, to, count))
          .as("%s from %d to %d, %d times", code, from, to, count)
          .isEqualTo(outcome(false, code, from, to, count));
    }
  }

  @Test
  void comparisonOfNothingKeepsFlags() {
    try (GuestFixture guest = new GuestFixture(true)) {
      guest.set(Register.RCX, 0).set(Register.RAX, 0);
      guest.run("F9  F3 A6  0F 92 C0  F2 AE  14 00"); // stc; repe cmpsb; setc al; scasb; adc al,0
      assertThat(guest.get(Register.RAX)).isEqualTo(2);
    }
  }

  @Test
  void faultLeavesRegistersAsFarAsTheyCame() {
    try (GuestFixture guest = new GuestFixture(true)) {
      guest.memory.write64(0x2000, 0x4003); // of the second 2 MiB only two pages are there
      guest.memory.write64(0x4000, 0x83);
      guest.memory.write64(0x4008, 0x5003);
      guest.memory.write64(0x5000, GuestFixture.DATA | 3);
      guest.memory.write64(0x5008, GuestFixture.DATA + 4096 | 3);
      guest.bytes(GuestFixture.CODE, "F3 AA").set(Register.RIP, GuestFixture.CODE);
      guest.set(Register.RSP, GuestFixture.CODE).set(Register.RCX, 10_000);
      guest.set(Register.RDI, GuestFixture.DATA + 100);
      assertThat(guest.runUntilExit()).isEqualTo(ExitReason.TRIPLE_FAULT);
      assertThat(guest.get(Register.CR2)).isEqualTo(GuestFixture.DATA + 8192);
      assertThat(guest.get(Register.RDI)).isEqualTo(GuestFixture.DATA + 8192);
      assertThat(guest.get(Register.RCX)).isEqualTo(10_000 - 8192 + 100);
      assertThat(guest.get(Register.RIP)).isEqualTo(GuestFixture.CODE);
    }
  }

  @Test
  void sourceOfAMoveFaultsBeforeItsDestination() {
    for (boolean translator : new boolean[] {true, false}) {
      for (String code : new String[] {"F3 66 A5", "66 A5"}) {
        try (GuestFixture guest = new GuestFixture(translator)) {
          guest.set(Register.RSI, -1).set(Register.RDI, 1L << 62).set(Register.RCX, 40);
          guest.bytes(GuestFixture.CODE, code).set(Register.RIP, GuestFixture.CODE);
          assertThat(guest.runUntilExit()).isEqualTo(ExitReason.TRIPLE_FAULT);
          assertThat(guest.get(Register.CR2)).isEqualTo(-1); // #PF, not #GP
        }
      }
    }
  }

  @Test
  void pagesThatShareAPlaceInTheTlbAreMoved() {
    try (GuestFixture guest = new GuestFixture(true)) {
      guest.memory.write64(GuestFixture.DATA, 0x55);
      guest.set(Register.RSI, GuestFixture.DATA).set(Register.RDI, GuestFixture.DATA + (4 << 20));
      guest.set(Register.RCX, 64).run("F3 A4");
      assertThat(guest.memory.read64(GuestFixture.DATA + (4 << 20))).isEqualTo(0x55);
    }
  }

  @Test
  void downwardStoresAreTheInterpreters() {
    try (GuestFixture guest = new GuestFixture(true)) {
      guest.set(Register.RDI, GuestFixture.DATA + 100).set(Register.RCX, 50);
      guest.set(Register.RAX, 7).run("FD  F3 AA  FC"); // std; rep stosb; cld
      assertThat(guest.get(Register.RDI)).isEqualTo(GuestFixture.DATA + 50);
      assertThat(guest.memory.read8(GuestFixture.DATA + 51)).isEqualTo(7);
    }
  }

  @Test
  void storesIntoTheirOwnPageAreSeen() {
    try (GuestFixture guest = new GuestFixture(true)) {
      guest.set(Register.RDI, GuestFixture.CODE + 2).set(Register.RCX, 2).set(Register.RAX, 0x90);
      guest.run("F3 AA  0F 0B  B0 05"); // rep stosb over the ud2; mov al,5
      assertThat(guest.get(Register.RAX)).isEqualTo(5);
    }
  }

  @Test
  void basesOfSegmentsAreReadAndWritten() {
    try (GuestFixture guest = new GuestFixture(true)) {
      guest.set(Register.CR4, guest.get(Register.CR4) | Cr4.FSGSBASE);
      guest.set(Register.RAX, GuestFixture.DATA).set(Register.R13, 0x1_0000_0005L);
      guest.memory.write64(GuestFixture.DATA + 8, 42);
      // wrfsbase rax; mov rbx,fs:[8]; rdfsbase r14; wrgsbase r13d; rdgsbase rdx; mov ecx,ds
      guest.run(
          "F3 48 0F AE D0  64 48 8B 1C 25 08 00 00 00  F3 49 0F AE C6  F3 41 0F AE DD"
              + " F3 48 0F AE CA  8C D9");
      assertThat(guest.get(Register.RBX)).isEqualTo(42);
      assertThat(guest.get(Register.R14)).isEqualTo(GuestFixture.DATA);
      assertThat(guest.get(Register.RDX)).isEqualTo(5);
      assertThat(guest.get(Register.RCX)).isEqualTo(16);
      assertThat(guest.cpu.msr(0xC000_0100)).isEqualTo(GuestFixture.DATA);
      guest.set(Register.RAX, 1L << 47).set(Register.RIP, GuestFixture.CODE);
      assertThat(guest.runUntilExit()).isEqualTo(ExitReason.TRIPLE_FAULT);
    }
  }

  @Test
  void timeStampGoesOnAndKeepsFlags() {
    try (GuestFixture guest = new GuestFixture(true)) {
      guest.run("F9  0F 31  89 C3  0F 31  19 C9"); // stc; rdtsc; mov ebx,eax; rdtsc; sbb ecx,ecx
      assertThat(guest.get(Register.RAX)).isGreaterThan(guest.get(Register.RBX));
      assertThat((int) guest.get(Register.RCX)).isEqualTo(-1);
    }
  }
}
