package dev.ringzero.cpu.x87;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.x86.Cr0;
import dev.ringzero.x86.Vector;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class X87ExceptionsTest {
  private static final String FLDZ = "D9 EE", FLD1 = "D9 E8", FWAIT = "9B", FNCLEX = "DB E2";
  private static final String DIVIDE = "DE F9"; // FDIVP ST(1), ST(0)

  private final X87Fixture guest = new X87Fixture(32);

  @AfterEach
  void close() {
    guest.close();
  }

  @Test
  void unmaskedExceptionWaitsForTheNextWaitingInstruction() {
    guest.x87.control(0x37B); // zero divide unmasked
    guest.run(FLD1, FLDZ);
    assertThat(guest.exception(DIVIDE)).isEqualTo(-1);
    assertThat(guest.x87.exceptionPending()).isTrue();
    assertThat(guest.exception(FWAIT)).isEqualTo(Vector.MF);
    assertThat(guest.exception(FLD1)).isEqualTo(Vector.MF);
  }

  @Test
  void controlInstructionsDoNotWait() {
    guest.x87.control(0x37B);
    guest.run(FLD1, FLDZ, DIVIDE);
    assertThat(guest.exception("DF E0")).isEqualTo(-1); // FNSTSW AX
    assertThat(guest.cpu.gpr[0] & 0x84).isEqualTo(0x84);
    guest.run(FNCLEX);
    assertThat(guest.exception(FWAIT)).isEqualTo(-1);
  }

  @Test
  void unmaskedZeroDivideLeavesTheOperands() {
    guest.x87.control(0x37B);
    guest.run(FLD1, FLDZ, DIVIDE);
    assertThat(guest.x87.top).isEqualTo(6);
    assertThat(guest.top()).isZero();
  }

  @Test
  void unmaskingARaisedFlagMakesItPending() {
    guest.run(FLD1, FLDZ, DIVIDE);
    assertThat(guest.exception(FWAIT)).isEqualTo(-1);
    guest.memory.write16(X87Fixture.DATA, 0x37B);
    guest.run("D9 2B"); // FLDCW [EBX]
    assertThat(guest.exception(FWAIT)).isEqualTo(Vector.MF);
  }

  @Test
  void nothingIsReportedWhileNumericErrorsAreOff() {
    guest.cpu.cr0 &= ~Cr0.NE;
    guest.x87.control(0x37B);
    guest.run(FLD1, FLDZ, DIVIDE);
    assertThat(guest.exception(FWAIT)).isEqualTo(-1);
  }

  @Test
  void taskSwitchedMakesTheUnitUnavailable() {
    guest.cpu.cr0 |= Cr0.TS;
    assertThat(guest.exception(FLDZ)).isEqualTo(Vector.NM);
    assertThat(guest.exception(FWAIT)).isEqualTo(Vector.NM);
    assertThat(guest.exception("0F AE 03")).isEqualTo(Vector.NM); // FXSAVE
    assertThat(guest.exception("0F 6F C1")).isEqualTo(Vector.NM); // MOVQ MM0, MM1
  }

  @Test
  void emulationMakesX87UnavailableAndMmxUndefined() {
    guest.cpu.cr0 |= Cr0.EM;
    assertThat(guest.exception("DB E3")).isEqualTo(Vector.NM); // FNINIT
    assertThat(guest.exception("0F 6F C1")).isEqualTo(Vector.UD);
    assertThat(guest.exception(FWAIT)).isEqualTo(-1);
  }

  @Test
  void waitIgnoresTaskSwitchedWithoutMonitorCoprocessor() {
    guest.cpu.cr0 = guest.cpu.cr0 & ~Cr0.MP | Cr0.TS;
    assertThat(guest.exception(FWAIT)).isEqualTo(-1);
  }

  @Test
  void ninthPushOverflowsTheStack() {
    for (int n = 0; n < 9; n++) {
      guest.run(FLD1);
    }
    assertThat(guest.x87.statusWord & 0x241).isEqualTo(0x241); // IE, SF, C1
    assertThat(guest.x87.significand[guest.x87.top]).isEqualTo(0xC000_0000_0000_0000L);
  }

  @Test
  void popOfAnEmptyStackUnderflows() {
    guest.run("DD D8"); // FSTP ST(0)
    assertThat(guest.x87.statusWord & 0x241).isEqualTo(0x41);
    assertThat(guest.x87.top).isEqualTo(1);
  }
}
