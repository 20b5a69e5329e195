package dev.ringzero.cpu.translator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ringzero.cpu.GuestFixture;
import dev.ringzero.engine.Register;
import dev.ringzero.x86.Cr0;
import dev.ringzero.x86.Cr4;
import dev.ringzero.x86.ExitReason;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class X87TranslatorTest {
  private static final long AREA = GuestFixture.DATA + 0x1000;
  private static final String FXSAVE = " 48 0F AE 06"; // fxsave64 [rsi]

  @BeforeAll
  static void needsAHostThatCanRunIt() {
    TranslatingExecutor.whyNot().ifPresent(reason -> assumeTrue(false, reason));
  }

  private static GuestFixture guest(boolean translator) {
    GuestFixture guest = new GuestFixture(translator);
    guest.set(Register.CR0, guest.get(Register.CR0) | Cr0.NE | Cr0.MP);
    guest.set(Register.CR4, guest.get(Register.CR4) | Cr4.OSFXSR);
    guest.set(Register.RDI, GuestFixture.DATA).set(Register.RSI, AREA);
    guest.memory.write64(GuestFixture.DATA, Double.doubleToRawLongBits(3.5));
    guest.memory.write64(GuestFixture.DATA + 8, 0x037F);
    return guest;
  }

  /** The whole x87 state after code, as FXSAVE64 shows it, and what lies in the data. */
  private static List<Long> after(boolean translator, String code, int mostInterpreted) {
    try (GuestFixture guest = guest(translator)) {
      guest.run("DB E3 " + code + FXSAVE); // fninit first
      if (translator) {
        assertThat(guest.cpu.statistics().interpreted()).isLessThan(mostInterpreted);
      }
      List<Long> found = new ArrayList<>();
      for (int at = 0; at < 160; at += 8) {
        found.add(at == 24 ? 0 : guest.memory.read64(AREA + at));
      }
      for (int at = 0; at < 64; at += 8) {
        found.add(guest.memory.read64(GuestFixture.DATA + at));
      }
      found.add(guest.get(Register.RAX));
      return found;
    }
  }

  private static void equalInBoth(String code) {
    assertThat(after(true, code, 20)).as(code).isEqualTo(after(false, code, 0));
  }

  @Test
  void stateIsThatOfTheInterpreterWithThePlacesOfInstructionAndOperand() {
    equalInBoth("DD 07  D9 FA  D9 C0  DE C9  DD 57 10"); // fld; fsqrt; fld st; fmulp; fst
    equalInBoth("D9 E8  D9 EB  DE F1  DB 7F 10  D9 EE"); // fld1; fldpi; fdivrp; fstp m80; fldz
    equalInBoth("DD 07  DF 7F 18  DF 6F 18  DF E0"); // fistp; fild; fnstsw ax
    equalInBoth("D9 EE  D9 E8  DE F1  DB E2"); // 0 / 1 and 1 / 0; fnclex
    equalInBoth("4D 31 E4  42 DD 04 27  90"); // xor r12,r12; fld [rdi + r12]
  }

  @Test
  void mmxRegistersAreSignificands() {
    // movq mm0,[rdi]; paddd mm0,mm0; movq mm7,mm0; movd eax,mm7; movq [rdi+16],mm7
    equalInBoth("0F 6F 07  0F FE C0  0F 6F F8  0F 7E F8  0F 7F 7F 10");
    equalInBoth("0F 6F 07  0F 77  D9 E8"); // movq; emms; fld1
  }

  @Test
  void flagsOfComparisonsReachBranchesAndFlagsBeforeStayAlive() {
    // fld1; fldz; stc; fcomip; setc al; fstp
    equalInBoth("31 C0  D9 E8  D9 EE  F9  DF F1  0F 92 C0  DD D8");
    equalInBoth("31 C0  F9  D9 E8  0F 92 C0"); // stc; fld1; setc al
    equalInBoth("31 C0  F9  D9 6F 08  0F 92 C0"); // stc; fldcw; setc al
    equalInBoth("D9 E8  D9 EE  39 C0  DA C9"); // cmp; fcmove
  }

  @Test
  void controlWordThatUnmasksIsTheInterpreters() {
    try (GuestFixture guest = guest(true)) {
      guest.memory.write64(GuestFixture.DATA + 8, 0x037B); // divisions by zero are reported
      guest.bytes(GuestFixture.CODE, "DB E3  D9 6F 08  D9 E8  D9 EE  DE F9  9B");
      guest.set(Register.RIP, GuestFixture.CODE); // fldcw; fld1; fldz; fdivp; fwait
      assertThat(guest.runUntilExit()).isEqualTo(ExitReason.TRIPLE_FAULT);
      assertThat(guest.get(Register.RIP)).isEqualTo(GuestFixture.CODE + 11);
    }
  }

  @Test
  void unitThatIsNotAvailableFaultsWhereItIsUsed() {
    for (long bit : new long[] {Cr0.TS, Cr0.EM}) {
      try (GuestFixture guest = guest(true)) {
        guest.set(Register.CR0, guest.get(Register.CR0) | bit);
        guest.bytes(GuestFixture.CODE, "90  D9 E8").set(Register.RIP, GuestFixture.CODE);
        assertThat(guest.runUntilExit()).isEqualTo(ExitReason.TRIPLE_FAULT);
        assertThat(guest.get(Register.RIP)).isEqualTo(GuestFixture.CODE + 1);
      }
    }
  }

  @Test
  void missInTheMiddleKeepsWhatTheUnitHolds() {
    try (GuestFixture guest = guest(true)) {
      guest.memory.write64(GuestFixture.DATA + 0x5000, Double.doubleToRawLongBits(2.0));
      // fld1; fadd [rdi + 0x5000] in another page; sti; fstp [rdi + 16]
      guest.run("D9 E8  DC 87 00 50 00 00  FB  DD 5F 10");
      assertThat(Double.longBitsToDouble(guest.memory.read64(GuestFixture.DATA + 16)))
          .isEqualTo(3.0);
    }
  }

  @Test
  void hostsUnitIsAsBefore() {
    double before = Math.IEEEremainder(1e17, 3.7);
    try (GuestFixture guest = guest(true)) {
      guest.memory.write64(GuestFixture.DATA + 8, 0x0C7F); // single precision, towards zero
      guest.run("DB E3  D9 6F 08  D9 E8  D9 E8  D9 E8  D9 E8  D9 E8  D9 E8  D9 E8  D9 E8");
    }
    assertThat(Math.IEEEremainder(1e17, 3.7)).isEqualTo(before);
    try (GuestFixture guest = guest(true)) {
      guest.run("DB E3  D9 EB  DD 5F 10"); // what a guest finds is its own
      assertThat(Double.longBitsToDouble(guest.memory.read64(GuestFixture.DATA + 16)))
          .isEqualTo(Math.PI);
    }
  }
}
