package dev.ringzero.cpu.svm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.engine.Register;
import dev.ringzero.engine.VirtualCpu.InitSignal;
import dev.ringzero.x86.SvmExitCode;
import dev.ringzero.x86.Vmcb;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Signals, pauses and branch records of AMD-V's guests.
 *
 * @spec AMD64 APM Vol. 2, "Secure Virtual Machine"
 */
@ParameterizedClass
@ValueSource(booleans = {true, false})
class SvmSignalsTest {
  private static final String VMMCALL = "0F01D9";
  private static final String STGI = "0F01DC";
  private static final String CLGI = "0F01DD";
  private static final int DEBUGCTL = 0x1D9;
  private static final int LAST_BRANCH_FROM = 0x1DB;
  private static final int LAST_BRANCH_TO = 0x1DC;

  @Parameter boolean translator;

  private SvmFixture svm;

  private SvmFixture guest(String hex) {
    svm = new SvmFixture(translator).guest(hex);
    return svm;
  }

  @AfterEach
  void close() {
    svm.close();
  }

  @Test
  void anInterceptedSmiWaitsForTheGlobalInterruptFlag() {
    guest(CLGI + "90" + STGI + "90" + VMMCALL).intercept(SvmExitCode.SMI);
    svm.fixture.run(CLGI);
    svm.cpu().systemManagementInterrupt();
    svm.enter();
    assertThat(svm.exitCode()).isEqualTo(SvmExitCode.SMI);
    assertThat(svm.read(Vmcb.RIP)).isEqualTo(SvmFixture.GUEST);
  }

  @Test
  void anSmiThatNobodyInterceptsIsDropped() {
    guest("90" + VMMCALL);
    svm.cpu().systemManagementInterrupt();
    svm.enter();
    assertThat(svm.exitCode()).isEqualTo(SvmExitCode.VMMCALL);
  }

  @Test
  void initIsHeldBackWhileTheGlobalInterruptFlagIsClear() {
    guest(VMMCALL);
    assertThat(svm.cpu().initSignal()).isEqualTo(InitSignal.RESETS);
    svm.fixture.run(CLGI);
    assertThat(svm.cpu().initSignal()).isEqualTo(InitSignal.BLOCKED);
  }

  @Test
  void theFilterLetsSoManyPausesPass() {
    guest("F390 F390 F390 F390 F390" + VMMCALL).intercept(SvmExitCode.PAUSE);
    svm.write(Vmcb.PAUSE_FILTER_THRESHOLD & ~7, 3L << 8 * (Vmcb.PAUSE_FILTER_COUNT & 7));
    svm.enter();
    assertThat(svm.exitCode()).isEqualTo(SvmExitCode.PAUSE);
    assertThat(svm.read(Vmcb.RIP)).isEqualTo(SvmFixture.GUEST + 6);
    svm.write(Vmcb.PAUSE_FILTER_THRESHOLD & ~7, 5L << 8 * (Vmcb.PAUSE_FILTER_COUNT & 7));
    svm.write(Vmcb.RIP, SvmFixture.GUEST);
    svm.enter();
    assertThat(svm.exitCode()).isEqualTo(SvmExitCode.VMMCALL);
  }

  @Test
  void aGuestHasBranchRecordsOfItsOwn() {
    guest("EB02 9090" + VMMCALL); // jmp over two bytes
    svm.write(Vmcb.VIRTUALIZED, Vmcb.VIRTUAL_BRANCHES);
    svm.write(Vmcb.DBGCTL, 1);
    svm.cpu().msr(LAST_BRANCH_FROM, 0x1234);
    svm.enter();
    assertThat(svm.read(Vmcb.BR_FROM)).isEqualTo(SvmFixture.GUEST);
    assertThat(svm.read(Vmcb.BR_FROM + 8)).isEqualTo(SvmFixture.GUEST + 4);
    assertThat(svm.cpu().msr(LAST_BRANCH_FROM)).isEqualTo(0x1234);
    assertThat(svm.cpu().msr(DEBUGCTL)).isZero();
  }

  @Test
  void withoutThemTheGuestsBranchesAreTheMonitors() {
    guest("EB02 9090" + VMMCALL);
    svm.cpu().msr(DEBUGCTL, 1);
    svm.enter();
    assertThat(svm.cpu().msr(LAST_BRANCH_FROM)).isEqualTo(SvmFixture.GUEST);
    assertThat(svm.cpu().msr(LAST_BRANCH_TO)).isEqualTo(SvmFixture.GUEST + 4);
  }

  @Test
  void conditionalBranchesAreRecordedWhereTheyAreTaken() {
    guest(VMMCALL);
    svm.cpu().msr(DEBUGCTL, 1);
    svm.fixture.set(Register.RCX, 0).run("31C0 7502 7402 9090 90"); // xor; jne; je
    long from = svm.cpu().msr(LAST_BRANCH_FROM);
    assertThat(svm.cpu().msr(LAST_BRANCH_TO)).isEqualTo(from + 4);
  }
}
