package dev.ringzero.cpu.svm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.cpu.GuestFixture;
import dev.ringzero.engine.Register;
import dev.ringzero.engine.VirtualCpu;
import dev.ringzero.testkit.SavedState;
import dev.ringzero.x86.Cr0;
import dev.ringzero.x86.Efer;
import dev.ringzero.x86.ExitReason;
import dev.ringzero.x86.PageEntry;
import dev.ringzero.x86.Rflags;
import dev.ringzero.x86.SvmExitCode;
import dev.ringzero.x86.Vector;
import dev.ringzero.x86.Vmcb;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * AMD-V by clause, with a monitor of a few instructions.
 *
 * @spec AMD64 APM Vol. 2, "Secure Virtual Machine"
 */
@ParameterizedClass
@ValueSource(booleans = {true, false})
class SvmTest {
  private static final String CPUID = "0FA2";
  private static final String VMMCALL = "0F01D9";
  private static final int VECTOR = 0x50;

  @Parameter boolean translator;

  private SvmFixture svm;

  private SvmFixture monitor() {
    svm = new SvmFixture(translator);
    return svm;
  }

  @AfterEach
  void close() {
    if (svm != null) {
      svm.close();
    }
  }

  // --- VMRUN and #VMEXIT

  @Test
  void interceptedInstructionLeavesWithItsCodeAndTheAddressBehindIt() {
    monitor().guest("90" + CPUID).intercept(SvmExitCode.CPUID);
    svm.enter();
    assertThat(svm.exitCode()).isEqualTo(SvmExitCode.CPUID);
    assertThat(svm.read(Vmcb.RIP)).isEqualTo(SvmFixture.GUEST + 1);
    assertThat(svm.read(Vmcb.NRIP)).isEqualTo(SvmFixture.GUEST + 3);
  }

  @Test
  void exitSavesTheGuestsRegistersAndLoadsTheMonitors() {
    monitor().guest("48C7C07B000000 48C7C3EA000000" + VMMCALL);
    svm.enter();
    assertThat(svm.exitCode()).isEqualTo(SvmExitCode.VMMCALL);
    assertThat(svm.read(Vmcb.RAX)).isEqualTo(0x7B);
    assertThat(svm.fixture.get(Register.RAX)).isEqualTo(SvmFixture.BLOCK);
    assertThat(svm.fixture.get(Register.RBX)).isEqualTo(0xEA);
    assertThat(svm.fixture.get(Register.RSP)).isEqualTo(GuestFixture.STACK);
    assertThat(svm.fixture.get(Register.DR7)).isEqualTo(0x400);
  }

  @Test
  void withoutSvmeTheInstructionsAreUndefined() {
    monitor().cpu().msr(0xC000_0080, Efer.LME | Efer.LMA);
    svm.fixture.bytes(GuestFixture.CODE, "0F01D8").set(Register.RIP, GuestFixture.CODE);
    svm.fixture.set(Register.RAX, SvmFixture.BLOCK);
    assertThat(svm.fixture.runUntilExit()).isEqualTo(ExitReason.TRIPLE_FAULT);
    assertThat(svm.read(Vmcb.EXITCODE)).isZero();
  }

  @Test
  void stateThatIsNotConsistentIsRefused() {
    refused(Vmcb.GUEST_ASID, 0);
    refused(Vmcb.INTERCEPT_2 & ~7, 0);
    refused(Vmcb.EFER, Efer.LME | Efer.LMA);
    refused(Vmcb.CR0, Cr0.PE | Cr0.PG | Cr0.NW);
    refused(Vmcb.CR0, Cr0.PE | Cr0.PG | 1L << 32);
    refused(Vmcb.CR4, 0);
    refused(Vmcb.CR3, 1L << 52);
    refused(Vmcb.DR7, 1L << 32);
    refused(Vmcb.IOPM_BASE_PA, 1L << 46);
    refused(Vmcb.EVENTINJ, Vmcb.EVENT_VALID | 1 << Vmcb.EVENT_TYPE_SHIFT);
    refused(Vmcb.EVENTINJ, Vmcb.EVENT_VALID | 3 << Vmcb.EVENT_TYPE_SHIFT | Vector.NMI);
  }

  private void refused(int field, long value) {
    monitor().guest(VMMCALL);
    svm.write(field, value);
    svm.enter();
    assertThat(svm.exitCode()).as("field %x = %x", field, value).isEqualTo(SvmExitCode.INVALID);
    assertThat(svm.fixture.get(Register.RAX)).isEqualTo(SvmFixture.BLOCK);
    svm.close();
    svm = null;
  }

  @Test
  void vmsaveAndVmloadCarryWhatVmrunDoesNot() {
    monitor().cpu().msr(0xC000_0102, 0x1234_5000);
    svm.fixture.set(Register.RAX, SvmFixture.BLOCK).run("0F01DB");
    assertThat(svm.read(Vmcb.KERNEL_GS_BASE)).isEqualTo(0x1234_5000);
    svm.write(Vmcb.KERNEL_GS_BASE, 0x1_0000_0000_0000L - 0x1000);
    svm.fixture.set(Register.RAX, SvmFixture.BLOCK).run("0F01DA");
    assertThat(svm.cpu().msr(0xC000_0102)).as("made canonical").isEqualTo(-0x1000);
  }

  // --- nested paging

  @Test
  void nestedTablesMoveTheGuestsMemory() {
    monitor().nested.map(SvmFixture.HOLE, 0x70_0000, PageEntry.RW | PageEntry.US);
    svm.fixture.memory.write64(0x70_0010, 0x77);
    svm.guest("488B1C2510008000" + VMMCALL).enter();
    assertThat(svm.exitCode()).isEqualTo(SvmExitCode.VMMCALL);
    assertThat(svm.fixture.get(Register.RBX)).isEqualTo(0x77);
  }

  @Test
  void readOfAPageThatIsNotMappedIsANestedFaultOfAUser() {
    monitor().guest("488B1C2510008000" + VMMCALL).enter();
    assertNestedFault(Vmcb.NPF_FINAL | 4, SvmFixture.HOLE + 0x10);
    assertThat(svm.read(Vmcb.FETCHED_BYTES) & 0xFF).isEqualTo(15);
    assertThat(svm.read(Vmcb.FETCHED_BYTES) >>> 8 & 0xFFFFFF).isEqualTo(0x1C8B48);
  }

  @Test
  void writeToAReadOnlyPageIsANestedFault() {
    monitor().nested.map(SvmFixture.HOLE, 0x70_0000, PageEntry.US);
    svm.guest("48891C2510008000" + VMMCALL).enter();
    assertNestedFault(Vmcb.NPF_FINAL | 7, SvmFixture.HOLE + 0x10);
  }

  @Test
  void pageOfTheSupervisorIsNobodys() {
    monitor().nested.map(SvmFixture.HOLE, 0x70_0000, PageEntry.RW);
    svm.guest("488B1C2510008000" + VMMCALL).enter();
    assertNestedFault(Vmcb.NPF_FINAL | 5, SvmFixture.HOLE + 0x10);
  }

  @Test
  void readOfAGuestsTableIsAWriteForNestedPaging() {
    monitor().write(Vmcb.CR3, SvmFixture.HOLE);
    svm.nested.map(SvmFixture.HOLE, 0x70_0000, PageEntry.US);
    svm.guest(VMMCALL).enter();
    assertNestedFault(Vmcb.NPF_TABLE | 7, SvmFixture.HOLE);
  }

  private void assertNestedFault(long info, long gpa) {
    assertThat(svm.exitCode()).isEqualTo(SvmExitCode.NPF);
    assertThat(svm.read(Vmcb.EXITINFO1)).isEqualTo(info);
    assertThat(svm.read(Vmcb.EXITINFO2)).isEqualTo(gpa);
    assertThat(svm.read(Vmcb.RIP)).isEqualTo(SvmFixture.GUEST);
  }

  @Test
  void translationsStayUnderTheirTagUntilAFlushIsAskedFor() {
    monitor().nested.map(SvmFixture.HOLE, 0x70_0000, PageEntry.RW | PageEntry.US);
    svm.fixture.memory.write64(0x70_0000, 1);
    svm.fixture.memory.write64(0x71_0000, 2);
    assertThat(readAgain()).isEqualTo(1);
    svm.nested.map(SvmFixture.HOLE, 0x71_0000, PageEntry.RW | PageEntry.US);
    assertThat(readAgain()).as("kept").isEqualTo(1);
    svm.write32(Vmcb.TLB_CONTROL, Vmcb.FLUSH_GUEST);
    assertThat(readAgain()).as("flushed").isEqualTo(2);
  }

  @Test
  void invlpgaDropsWhatItsTagKeeps() {
    monitor().nested.map(SvmFixture.HOLE, 0x70_0000, PageEntry.RW | PageEntry.US);
    svm.fixture.memory.write64(0x71_0000, 2);
    readAgain();
    svm.nested.map(SvmFixture.HOLE, 0x71_0000, PageEntry.RW | PageEntry.US);
    svm.fixture.set(Register.RAX, SvmFixture.HOLE).set(Register.RCX, 1).run("0F01DF");
    assertThat(readAgain()).isEqualTo(2);
  }

  private long readAgain() {
    svm.guest("488B1C2500008000" + VMMCALL).enter();
    assertThat(svm.exitCode()).isEqualTo(SvmExitCode.VMMCALL);
    return svm.fixture.get(Register.RBX);
  }

  @Test
  void withoutNestedPagingTheGuestsTablesHoldTheMonitorsAddresses() {
    monitor().write(Vmcb.NESTED_CONTROL, 0);
    svm.fixture.memory.write64(SvmFixture.HOLE, 9);
    assertThat(readAgain()).isEqualTo(9);
  }

  // --- intercepts

  @Test
  void exceptionIsTakenBeforeItsDeliveryAndCr2StaysAsItWas() {
    monitor().write(Vmcb.CR2, 0x55);
    svm.interceptException(Vector.PF);
    svm.guest("488B1C25000000C0" + VMMCALL).enter();
    assertThat(svm.exitCode()).isEqualTo(SvmExitCode.EXCEPTION + Vector.PF);
    assertThat(svm.read(Vmcb.EXITINFO1)).isZero();
    assertThat(svm.read(Vmcb.EXITINFO2)).isEqualTo(0xFFFF_FFFF_C000_0000L);
    assertThat(svm.read(Vmcb.CR2)).isEqualTo(0x55);
  }

  @Test
  void eventWhoseDeliveryMeetsANestedFaultIsReported() {
    monitor().write(Vmcb.IDTR + Vmcb.BASE, SvmFixture.HOLE);
    svm.write32(Vmcb.IDTR + Vmcb.LIMIT, 0xFFF);
    svm.guest("0F0B").enter();
    assertThat(svm.exitCode()).isEqualTo(SvmExitCode.NPF);
    assertThat(svm.read(Vmcb.EXITINTINFO))
        .isEqualTo(Vmcb.EVENT_VALID | 3 << Vmcb.EVENT_TYPE_SHIFT | Vector.UD);
  }

  @Test
  void injectedEventIsDeliveredBeforeTheFirstInstruction() {
    monitor().write(Vmcb.IDTR + Vmcb.BASE, SvmFixture.HOLE);
    svm.write32(Vmcb.IDTR + Vmcb.LIMIT, 0xFFF);
    long event = Vmcb.EVENT_VALID | VECTOR;
    svm.write(Vmcb.EVENTINJ, event);
    svm.guest(VMMCALL).enter();
    assertThat(svm.exitCode()).isEqualTo(SvmExitCode.NPF);
    assertThat(svm.read(Vmcb.EXITINTINFO)).isEqualTo(event);
    assertThat(svm.read(Vmcb.EVENTINJ) & Vmcb.EVENT_VALID).isZero();
  }

  @Test
  void tripleFaultIsAShutdown() {
    monitor().guest("0F0B").enter();
    assertThat(svm.exitCode()).isEqualTo(SvmExitCode.SHUTDOWN);
  }

  @Test
  void portsAreTheMonitorsByTheirMap() {
    monitor().intercept(SvmExitCode.IOIO);
    svm.protectPort(0x3F8);
    svm.guest("E680 66BAF803 EE" + VMMCALL).enter();
    assertThat(svm.exitCode()).isEqualTo(SvmExitCode.IOIO);
    assertThat(svm.read(Vmcb.EXITINFO1)).isEqualTo(0x3F8L << 16 | 1 << 9 | 1 << 4);
    assertThat(svm.read(Vmcb.EXITINFO2)).isEqualTo(SvmFixture.GUEST + 7);
  }

  @Test
  void modelSpecificRegistersAreTheMonitorsByTheirMap() {
    monitor().intercept(SvmExitCode.MSR);
    svm.protectWrites(0x174);
    svm.guest("B974010000 0F32 0F30" + VMMCALL).enter();
    assertThat(svm.exitCode()).isEqualTo(SvmExitCode.MSR);
    assertThat(svm.read(Vmcb.EXITINFO1)).isEqualTo(1);
    assertThat(svm.read(Vmcb.RIP)).isEqualTo(SvmFixture.GUEST + 7);
  }

  @Test
  void registersOfMovesToControlRegistersAreTold() {
    monitor().write32(Vmcb.INTERCEPT_CR, 1 << 16 + 3);
    svm.guest("0F22DB" + VMMCALL).enter();
    assertThat(svm.exitCode()).isEqualTo(SvmExitCode.CR_WRITE + 3);
    assertThat(svm.read(Vmcb.EXITINFO1)).isEqualTo(1L << 63 | 3);
  }

  @Test
  void timeStampIsAheadByTheOffset() {
    monitor().write(Vmcb.TSC_OFFSET, 1L << 40);
    svm.guest("0F31" + VMMCALL).enter();
    assertThat(svm.fixture.get(Register.RDX)).isEqualTo(1 << 8);
  }

  // --- interrupts

  @Test
  void interruptLeavesTheGuestAndWaitsForTheMonitorsGlobalFlag() {
    monitor().intercept(SvmExitCode.INTR);
    svm.write(Vmcb.VIRTUAL_INTERRUPT, Vmcb.V_INTR_MASKING);
    svm.fixture.run("0F01DD").set(Register.RFLAGS, Rflags.FIXED | Rflags.IF);
    raise();
    svm.guest("EBFE").enter();
    assertThat(svm.exitCode()).isEqualTo(SvmExitCode.INTR);
    assertThat(svm.fixture.pins.vector).as("not acknowledged").isEqualTo(VECTOR);
  }

  @Test
  void guestsInterruptsWithoutTheMonitorsFlagStayOut() {
    monitor().intercept(SvmExitCode.INTR);
    svm.write(Vmcb.VIRTUAL_INTERRUPT, Vmcb.V_INTR_MASKING);
    svm.write(Vmcb.RFLAGS, Rflags.FIXED | Rflags.IF);
    raise();
    svm.guest(VMMCALL).enter();
    assertThat(svm.exitCode()).isEqualTo(SvmExitCode.VMMCALL);
  }

  private void raise() {
    svm.fixture.pins.vector = VECTOR;
    svm.cpu().interruptPending();
  }

  @Test
  void virtualInterruptWaitsForTheGuestsFlag() {
    monitor().intercept(SvmExitCode.VINTR);
    long pending = Vmcb.V_IRQ | Vmcb.V_IGN_TPR | Vmcb.V_INTR_MASKING;
    svm.write(Vmcb.VIRTUAL_INTERRUPT, pending | (long) VECTOR << Vmcb.V_INTR_VECTOR_SHIFT);
    svm.guest("90FB9090" + VMMCALL).enter();
    assertThat(svm.exitCode()).isEqualTo(SvmExitCode.VINTR);
    assertThat(svm.read(Vmcb.RIP)).as("behind STI's shadow").isEqualTo(SvmFixture.GUEST + 3);
  }

  @Test
  void taskPriorityOfAGuestWithVirtualInterruptsIsItsOwn() {
    monitor().write(Vmcb.VIRTUAL_INTERRUPT, Vmcb.V_INTR_MASKING);
    svm.guest("B807000000 440F22C0 440F20C3" + VMMCALL).enter();
    assertThat(svm.fixture.get(Register.RBX)).isEqualTo(7);
    assertThat(svm.read(Vmcb.VIRTUAL_INTERRUPT) & Vmcb.V_TPR).isEqualTo(7);
  }

  @Test
  void virtualGlobalFlagIsTheGuestsOwn() {
    monitor().write(Vmcb.VIRTUAL_INTERRUPT, Vmcb.V_GIF_ENABLE | Vmcb.V_GIF);
    svm.guest("0F01DD" + VMMCALL).enter();
    assertThat(svm.read(Vmcb.VIRTUAL_INTERRUPT) & Vmcb.V_GIF).isZero();
  }

  // --- a guest stopped in the middle

  @Test
  void machineIsSavedAndRestoredInsideTheInnerGuest() {
    monitor().guest("48FFC3 F4 48FFC3" + VMMCALL);
    svm.fixture.set(Register.RAX, SvmFixture.BLOCK).bytes(GuestFixture.CODE, "0F01D8F4");
    svm.fixture.set(Register.RIP, GuestFixture.CODE);
    assertThat(svm.fixture.runUntilExit()).isEqualTo(ExitReason.HLT);
    VirtualCpu cpu = svm.cpu();
    cpu.skipInstruction();
    byte[] state = SavedState.of(cpu);
    assertThat(SavedState.restoredInto(cpu, state)).isEqualTo(state);
    svm.fixture.toHalt();
    assertThat(svm.exitCode()).isEqualTo(SvmExitCode.VMMCALL);
    assertThat(svm.fixture.get(Register.RBX)).isEqualTo(2);
  }
}
