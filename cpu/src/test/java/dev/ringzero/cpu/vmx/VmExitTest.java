package dev.ringzero.cpu.vmx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.engine.Register;
import dev.ringzero.x86.Cr0;
import dev.ringzero.x86.ExitReason;
import dev.ringzero.x86.Rflags;
import dev.ringzero.x86.Vector;
import dev.ringzero.x86.vmx.ExitControls;
import dev.ringzero.x86.vmx.PinBasedControls;
import dev.ringzero.x86.vmx.ProcessorControls;
import dev.ringzero.x86.vmx.SecondaryControls;
import dev.ringzero.x86.vmx.VmcsField;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VmExitTest {
  private final VmxFixture f = VmxFixture.ready();

  @AfterEach
  void close() {
    f.close();
  }

  private long qualification() {
    return f.read(VmcsField.EXIT_QUALIFICATION);
  }

  private void processor(int bits) {
    f.enable(VmcsField.PROCESSOR_CONTROLS, bits);
  }

  private void secondary(int bits) {
    processor(ProcessorControls.SECONDARY_CONTROLS);
    f.enable(VmcsField.SECONDARY_CONTROLS, bits);
  }

  @ParameterizedTest
  @CsvSource({"0FA2, 10, 2", "0F01C1, 18, 3", "0F08, 13, 2", "0F01D1, 55, 3", "0F01C4, 26, 3"})
  void someInstructionsAlwaysExit(String hex, long reason, long length) {
    assertThat(f.exitOf("90" + hex)).isEqualTo(reason);
    assertThat(f.read(VmcsField.EXIT_INSTRUCTION_LENGTH)).isEqualTo(length);
    assertThat(f.read(VmcsField.GUEST_RIP)).isEqualTo(VmxFixture.GUEST + 1);
  }

  @ParameterizedTest
  @CsvSource({"0F31, 12, 16", "0F33, 11, 15", "0F01C9, 10, 36", "0F01C8, 29, 39", "F390, 30, 40"})
  void othersExitWhereAControlSaysSo(String hex, int control, long reason) {
    processor(1 << control);
    assertThat(f.exitOf(hex + "0FA2")).isEqualTo(reason);
  }

  @Test
  void instructionsThatNoControlEnablesAreUndefined() {
    f.write(VmcsField.EXCEPTION_BITMAP, 1 << Vector.UD);
    assertThat(f.exitOf("0F 01 F9")).isEqualTo(ExitReason.EXCEPTION_OR_NMI.number()); // rdtscp
    secondary(SecondaryControls.RDTSCP);
    processor(ProcessorControls.RDTSC_EXITING);
    f.resume();
    assertThat(f.exitReason()).isEqualTo(ExitReason.RDTSCP.number());
  }

  @Test
  void rdpidIsUndefinedWhereRdtscpIs() {
    f.write(VmcsField.EXCEPTION_BITMAP, 1 << Vector.UD);
    assertThat(f.exitOf("F3 0F C7 F8 0F A2")).isEqualTo(ExitReason.EXCEPTION_OR_NMI.number());
    secondary(SecondaryControls.RDTSCP);
    f.resume();
    assertThat(f.exitReason()).isEqualTo(ExitReason.CPUID.number());
  }

  @Test
  void theGuestsRegistersAreSavedAndTheMonitorsLoaded() {
    f.exitOf("48 BC 00 00 2E 00 00 00 00 00 F9 0F A2"); // mov rsp, 2E0000; stc; cpuid
    assertThat(f.read(VmcsField.GUEST_RSP)).isEqualTo(0x2E_0000);
    assertThat(f.read(VmcsField.GUEST_RFLAGS)).isEqualTo(Rflags.FIXED | Rflags.CF);
  }

  @Test
  void masksAndShadowsDecideAboutCr0() {
    f.write(VmcsField.CR0_GUEST_HOST_MASK, Cr0.TS).write(VmcsField.CR0_READ_SHADOW, Cr0.TS);
    // mov rax, cr0; mov rcx, rax; xor eax, 2; mov cr0, rax; clts
    f.exitOf("0F 20 C0 48 89 C1 83 F0 02 0F 22 C0 0F 06");
    assertThat(f.exitReason()).isEqualTo(ExitReason.CR_ACCESS.number());
    assertThat(qualification()).isEqualTo(2 << 4);
    assertThat(f.guest.get(Register.RCX) & Cr0.TS).isEqualTo(Cr0.TS);
    assertThat(f.read(VmcsField.GUEST_CR0) & (Cr0.TS | Cr0.MP)).isEqualTo(Cr0.MP);
  }

  @Test
  void cr3TargetsDoNotExit() {
    processor(ProcessorControls.CR3_LOAD_EXITING);
    f.write(VmcsField.CR3_TARGET_COUNT, 1).write(VmcsField.CR3_TARGET_0, f.guest.get(Register.CR3));
    f.write(VmcsField.GUEST_RIP, VmxFixture.GUEST);
    f.exitOf("B8 00 10 00 00 0F 22 D8 B9 00 20 00 00 0F 22 D9"); // mov cr3, 1000; mov cr3, 2000
    assertThat(f.exitReason()).isEqualTo(ExitReason.CR_ACCESS.number());
    assertThat(qualification()).isEqualTo(3 | 1 << 8);
    assertThat(f.read(VmcsField.GUEST_RIP)).isEqualTo(VmxFixture.GUEST + 13);
  }

  @Test
  void theBitmapsOfPortsDecide() {
    processor(ProcessorControls.IO_BITMAPS);
    f.write(VmcsField.IO_BITMAP_A, VmxFixture.IO_BITMAP_A);
    f.write(VmcsField.IO_BITMAP_B, VmxFixture.IO_BITMAP_B);
    f.memory.write8(VmxFixture.IO_BITMAP_A + 0x80 / 8, 2); // port 81H
    f.exitOf("E6 70 E7 80"); // out 70, al; out 80, eax
    assertThat(f.exitReason()).isEqualTo(ExitReason.IO_INSTRUCTION.number());
    assertThat(qualification()).isEqualTo(3 | 1 << 6 | 0x80 << 16);
    assertThat(f.read(VmcsField.GUEST_RIP)).isEqualTo(VmxFixture.GUEST + 2);
  }

  @Test
  void theBitmapOfMsrsDecides() {
    processor(ProcessorControls.MSR_BITMAPS);
    f.write(VmcsField.MSR_BITMAPS, VmxFixture.MSR_BITMAP);
    f.memory.write8(VmxFixture.MSR_BITMAP + 2048 + 1024 + 0x82 / 8, 1 << 2); // writes of LSTAR
    f.exitOf("B9 82 00 00 C0 0F 32 0F 30"); // rdmsr and wrmsr of LSTAR
    assertThat(f.exitReason()).isEqualTo(ExitReason.WRMSR.number());
    assertThat(f.read(VmcsField.GUEST_RIP)).isEqualTo(VmxFixture.GUEST + 7);
  }

  @Test
  void maskAndMatchDecideAboutPageFaults() {
    f.gate(Vector.PF).write(VmcsField.EXCEPTION_BITMAP, 1 << Vector.PF);
    f.write(VmcsField.PAGE_FAULT_ERROR_CODE_MASK, 2)
        .write(VmcsField.PAGE_FAULT_ERROR_CODE_MATCH, 2);
    f.exitOf("48 B8 00 00 00 00 10 00 00 00 88 00"); // mov rax, 1000000000; mov [rax], al
    assertThat(f.exitReason()).isEqualTo(ExitReason.EXCEPTION_OR_NMI.number());
    assertThat(qualification()).isEqualTo(0x10_0000_0000L);
    assertThat(f.read(VmcsField.EXIT_INTERRUPTION_ERROR_CODE)).isEqualTo(2);
    f.write(VmcsField.PAGE_FAULT_ERROR_CODE_MATCH, 0).resume();
    assertThat(f.exitReason()).isEqualTo(ExitReason.HLT.number()); // the guest's handler
  }

  @Test
  void anInterruptExitsWhateverTheGuestsFlagSays() {
    f.enable(VmcsField.PIN_BASED_CONTROLS, PinBasedControls.EXTERNAL_INTERRUPT_EXITING);
    f.enable(VmcsField.EXIT_CONTROLS, ExitControls.ACKNOWLEDGE_INTERRUPT);
    f.guest.pins.vector = 0x51;
    f.guest.cpu.interruptPending();
    f.exitOf("90");
    assertThat(f.exitReason()).isEqualTo(ExitReason.EXTERNAL_INTERRUPT.number());
    assertThat(f.read(VmcsField.EXIT_INTERRUPTION_INFORMATION)).isEqualTo(0x8000_0051L);
    assertThat(f.guest.pins.vector).isEqualTo(-1);
  }

  @Test
  void theInterruptWindowOpensBehindTheInstructionAfterSti() {
    processor(ProcessorControls.INTERRUPT_WINDOW_EXITING);
    assertThat(f.exitOf("FB 90 90")).isEqualTo(ExitReason.INTERRUPT_WINDOW.number());
    assertThat(f.read(VmcsField.GUEST_RIP)).isEqualTo(VmxFixture.GUEST + 2);
  }

  @Test
  void theTimerOfZeroExitsAtOnce() {
    f.enable(VmcsField.PIN_BASED_CONTROLS, PinBasedControls.PREEMPTION_TIMER);
    assertThat(f.exitOf("90")).isEqualTo(ExitReason.PREEMPTION_TIMER.number());
    assertThat(f.read(VmcsField.GUEST_RIP)).isEqualTo(VmxFixture.GUEST);
  }

  @Test
  void theTrapFlagOfTheMonitorExitsAfterOneInstruction() {
    processor(ProcessorControls.MONITOR_TRAP_FLAG);
    assertThat(f.exitOf("90 90 0F A2")).isEqualTo(ExitReason.MONITOR_TRAP_FLAG.number());
    assertThat(f.read(VmcsField.GUEST_RIP)).isEqualTo(VmxFixture.GUEST + 1);
  }

  @Test
  void aLoopThatPausesLongerThanItsWindowExits() {
    secondary(SecondaryControls.PAUSE_LOOP_EXITING);
    f.write(VmcsField.PLE_GAP, 0xFFFF_FFFFL).write(VmcsField.PLE_WINDOW, 0);
    assertThat(f.exitOf("F390 EBFC")).isEqualTo(ExitReason.PAUSE.number()); // pause; jmp
    assertThat(f.read(VmcsField.GUEST_RIP)).isEqualTo(VmxFixture.GUEST);
  }

  @Test
  void pausesFarFromEachOtherAreNoLoop() {
    secondary(SecondaryControls.PAUSE_LOOP_EXITING);
    f.write(VmcsField.PLE_GAP, 1).write(VmcsField.PLE_WINDOW, 4);
    assertThat(f.exitOf("F390 F390 F390 0FA2")).isEqualTo(ExitReason.CPUID.number());
  }

  @Test
  void theGuestsTimeIsScaledAndOffset() {
    processor(ProcessorControls.TSC_OFFSETTING);
    secondary(SecondaryControls.TSC_SCALING);
    f.write(VmcsField.TSC_OFFSET, 1L << 40).write(VmcsField.TSC_MULTIPLIER, 2L << 48);
    f.exitOf("0F 31 0F A2"); // rdtsc; cpuid
    assertThat(f.exitReason()).isEqualTo(ExitReason.CPUID.number());
    assertThat(f.guest.get(Register.RDX) >>> 8).isEqualTo(1);
  }

  @Test
  void aTripleFaultExits() {
    f.write(VmcsField.GUEST_IDTR_LIMIT, 0);
    assertThat(f.exitOf("0F 0B")).isEqualTo(ExitReason.TRIPLE_FAULT.number());
  }

  // EPT.

  private void ept(long rights) {
    f.memory.write64(VmxFixture.EPT, VmxFixture.EPT + 0x1000 | 7);
    f.memory.write64(VmxFixture.EPT + 0x1000, VmxFixture.EPT + 0x2000 | 7);
    f.memory.write64(VmxFixture.EPT + 0x2000, 0x30 | 0x80 | 7); // 2 MiB, write-back
    f.memory.write64(VmxFixture.EPT + 0x2008, 0x20_0000 | 0x30 | 0x80 | rights);
    secondary(SecondaryControls.EPT);
    f.write(VmcsField.EPT_POINTER, VmxFixture.EPT | 6 | 3 << 3 | 1 << 6);
  }

  @Test
  void aWriteWithoutTheRightIsAViolationAndItsPageIsTold() {
    ept(5);
    f.exitOf("B8 34 12 20 00 8A 18 88 18"); // mov eax, 201234; mov bl, [rax]; mov [rax], bl
    assertThat(f.exitReason()).isEqualTo(ExitReason.EPT_VIOLATION.number());
    assertThat(qualification()).isEqualTo(2 | 5 << 3 | 1 << 7 | 1 << 8);
    assertThat(f.read(VmcsField.GUEST_PHYSICAL_ADDRESS)).isEqualTo(0x20_1234);
    assertThat(f.read(VmcsField.GUEST_LINEAR_ADDRESS)).isEqualTo(0x20_1234);
  }

  @Test
  void accessedAndDirtyFlagsAreSet() {
    ept(7);
    f.exitOf("B8 34 12 20 00 88 18 0F A2"); // mov eax, 201234; mov [rax], bl; cpuid
    assertThat(f.exitReason()).isEqualTo(ExitReason.CPUID.number());
    assertThat(f.memory.read64(VmxFixture.EPT) & 0x100).isNotZero();
    assertThat(f.memory.read64(VmxFixture.EPT + 0x2008) & 0x300).isEqualTo(0x300);
  }

  @Test
  void anEntryThatIsWritableButNotReadableIsMisconfigured() {
    ept(2);
    assertThat(f.exitOf("B8 34 12 20 00 8A 18"))
        .isEqualTo(ExitReason.EPT_MISCONFIGURATION.number());
    assertThat(f.read(VmcsField.GUEST_PHYSICAL_ADDRESS)).isEqualTo(0x20_1234);
  }

  @Test
  void translationsOfAVpidStayUntilTheyAreInvalidated() {
    ept(7);
    secondary(SecondaryControls.VPID);
    f.write(VmcsField.VIRTUAL_PROCESSOR_IDENTIFIER, 5);
    f.exitOf("B8 34 12 20 00 88 18 0F A2");
    f.memory.write64(VmxFixture.EPT + 0x2008, 0); // a stale translation may be used
    f.guest.set(Register.RAX, 2).set(Register.RBX, VmxFixture.POINTER).run("66 0F 38 80 03");
    f.write(VmcsField.GUEST_RIP, VmxFixture.GUEST).resume();
    assertThat(f.exitReason()).isEqualTo(ExitReason.EPT_VIOLATION.number());
  }

  @Test
  void pagesThatBecomeDirtyAreLoggedUntilTheLogIsFull() {
    ept(7);
    secondary(SecondaryControls.PML);
    f.write(VmcsField.PML_ADDRESS, VmxFixture.POINTER).write(VmcsField.PML_INDEX, 511);
    f.exitOf("B8 34 12 20 00 88 18 0F A2");
    assertThat(f.memory.read64(VmxFixture.POINTER + 511 * 8)).isEqualTo(0x1000); // the PML4: marked
    long index = f.read(VmcsField.PML_INDEX);
    assertThat(f.memory.read64(VmxFixture.POINTER + 8 * (index + 1))).isEqualTo(0x20_1000);
    f.memory.write64(VmxFixture.EPT + 0x2008, 0x20_0000 | 0x30 | 0x80 | 7);
    f.guest.set(Register.RAX, 2).set(Register.RBX, VmxFixture.POINTER).run("66 0F 38 80 03");
    f.write(VmcsField.PML_INDEX, 0xFFFF).write(VmcsField.GUEST_RIP, VmxFixture.GUEST).resume();
    assertThat(f.exitReason()).isEqualTo(ExitReason.PML_FULL.number());
  }

  @Test
  void vmfuncChangesToOtherTables() {
    ept(7);
    long other = VmxFixture.EPT + 0x4000;
    f.memory.write64(other, VmxFixture.EPT + 0x5000 | 7);
    f.memory.write64(VmxFixture.EPT + 0x5000, VmxFixture.EPT + 0x6000 | 7);
    f.memory.write64(VmxFixture.EPT + 0x6000, 0x30 | 0x80 | 7); // and nothing at 2 MiB
    long list = VmxFixture.MSR_BITMAP;
    f.memory.write64(list + 8, other | 6 | 3 << 3);
    secondary(SecondaryControls.VM_FUNCTIONS);
    f.write(VmcsField.VM_FUNCTION_CONTROLS, 1).write(VmcsField.EPTP_LIST_ADDRESS, list);
    // mov edx, 201234; mov [rdx], bl; xor eax, eax; mov ecx, 1; vmfunc; mov [rdx], bl
    f.exitOf("BA 34 12 20 00 88 1A 31 C0 B9 01 00 00 00 0F 01 D4 88 1A");
    assertThat(f.exitReason()).isEqualTo(ExitReason.EPT_VIOLATION.number());
    assertThat(f.read(VmcsField.EPT_POINTER)).isEqualTo(other | 6 | 3 << 3);
    f.code("B9 02 00 00 00 0F 01 D4").write(VmcsField.GUEST_RIP, VmxFixture.GUEST).resume();
    assertThat(f.exitReason()).isEqualTo(ExitReason.VMFUNC.number());
  }

  @Test
  void aViolationBecomesAnExceptionOfTheGuestWhereNothingSuppressesIt() {
    ept(5);
    f.gate(Vector.VE);
    secondary(SecondaryControls.EPT_VIOLATION_VE);
    f.write(VmcsField.VIRTUALIZATION_EXCEPTION_ADDRESS, VmxFixture.MSR_BITMAP);
    f.write(VmcsField.GUEST_RSP, 0x1F_0000);
    f.exitOf("B8 34 12 20 00 88 18"); // mov eax, 201234; mov [rax], bl
    assertThat(f.exitReason()).isEqualTo(ExitReason.HLT.number()); // the guest's handler
    assertThat(f.memory.read64(VmxFixture.MSR_BITMAP)).isEqualTo(0xFFFF_FFFF_0000_0030L);
    assertThat(f.memory.read64(VmxFixture.MSR_BITMAP + 24)).isEqualTo(0x20_1234);
    f.write(VmcsField.GUEST_RIP, VmxFixture.GUEST).resume(); // the area is busy
    assertThat(f.exitReason()).isEqualTo(ExitReason.EPT_VIOLATION.number());
  }

  @Test
  void aGuestReadsAndWritesTheShadowVmcsWhereItsBitmapsAllow() {
    f.memory.write32(VmxFixture.OTHER_VMCS, Vmcs.REVISION | Vmcs.SHADOW);
    secondary(SecondaryControls.VMCS_SHADOWING);
    f.write(VmcsField.VMREAD_BITMAP, VmxFixture.IO_BITMAP_A);
    f.write(VmcsField.VMWRITE_BITMAP, VmxFixture.IO_BITMAP_A);
    f.memory.write8(
        VmxFixture.IO_BITMAP_A + VmcsField.GUEST_RSP / 8, 1 << (VmcsField.GUEST_RSP & 7));
    f.write(VmcsField.VMCS_LINK_POINTER, VmxFixture.OTHER_VMCS);
    // mov eax, GUEST_RIP; mov ebx, 77; vmwrite rax, rbx; xor ebx, ebx; vmread rbx, rax;
    // mov eax, GUEST_RSP; vmread rcx, rax
    f.exitOf("B8 1E 68 00 00 BB 77 00 00 00 0F 79 C3 31 DB 0F 78 C3 B8 1C 68 00 00 0F 78 C1");
    long shadowed = VmxFixture.OTHER_VMCS + Vmcs.offset(VmcsField.GUEST_RIP);
    assertThat(f.memory.read64(shadowed)).isEqualTo(0x77);
    assertThat(f.exitReason()).isEqualTo(ExitReason.VMREAD.number());
    assertThat(f.read(VmcsField.EXIT_INSTRUCTION_INFORMATION)).isEqualTo(1 << 3 | 1 << 10);
  }

  // APIC virtualization.

  private static final long PAGE = VmxFixture.IO_BITMAP_A; // the virtual-APIC page

  private void virtualApic(int secondary) {
    processor(ProcessorControls.TPR_SHADOW | ProcessorControls.MSR_BITMAPS);
    secondary(secondary);
    f.enable(VmcsField.PIN_BASED_CONTROLS, PinBasedControls.EXTERNAL_INTERRUPT_EXITING);
    f.write(VmcsField.VIRTUAL_APIC_ADDRESS, PAGE)
        .write(VmcsField.MSR_BITMAPS, VmxFixture.MSR_BITMAP);
  }

  @Test
  void aTaskPriorityBelowTheThresholdExitsBehindItsInstruction() {
    virtualApic(0);
    f.memory.write32(PAGE + 0x80, 0x50);
    f.write(VmcsField.TPR_THRESHOLD, 4);
    f.exitOf("B8 03 00 00 00 44 0F 22 C0 0F A2"); // mov eax, 3; mov cr8, rax; cpuid
    assertThat(f.exitReason()).isEqualTo(ExitReason.TPR_BELOW_THRESHOLD.number());
    assertThat(f.read(VmcsField.GUEST_RIP)).isEqualTo(VmxFixture.GUEST + 9);
    assertThat(f.memory.read32(PAGE + 0x80)).isEqualTo(0x30);
  }

  @Test
  void aVirtualInterruptIsDeliveredAndItsEndExitsWhereTheBitmapSays() {
    virtualApic(SecondaryControls.VIRTUAL_INTERRUPT_DELIVERY | SecondaryControls.VIRTUALIZE_X2APIC);
    f.gate(0x61);
    f.memory.write32(PAGE + 0x200 + 3 * 16, 2); // VIRR: 61H
    f.write(VmcsField.GUEST_INTERRUPT_STATUS, 0x61).write(VmcsField.GUEST_RFLAGS, 0x202);
    assertThat(f.exitOf("90")).isEqualTo(ExitReason.HLT.number());
    assertThat(f.read(VmcsField.GUEST_RIP)).isEqualTo(VmxFixture.HANDLER);
    assertThat(f.read(VmcsField.GUEST_INTERRUPT_STATUS)).isEqualTo(0x6100);
    assertThat(f.memory.read32(PAGE + 0x100 + 3 * 16)).isEqualTo(2);
    f.write(VmcsField.EOI_EXIT_BITMAP_1, 1L << 0x61 - 64);
    f.code("B9 0B 08 00 00 31 C0 31 D2 0F 30"); // WRMSR of EOI
    f.write(VmcsField.GUEST_RIP, VmxFixture.GUEST).resume();
    assertThat(f.exitReason()).isEqualTo(ExitReason.VIRTUALIZED_EOI.number());
    assertThat(qualification()).isEqualTo(0x61);
    assertThat(f.read(VmcsField.GUEST_INTERRUPT_STATUS)).isZero();
  }

  @Test
  void aNotificationTakesPostedInterruptsWithoutAnExit() {
    virtualApic(SecondaryControls.VIRTUAL_INTERRUPT_DELIVERY);
    f.gate(0x71);
    long descriptor = VmxFixture.IO_BITMAP_B;
    f.enable(VmcsField.PIN_BASED_CONTROLS, PinBasedControls.POSTED_INTERRUPTS);
    f.enable(VmcsField.EXIT_CONTROLS, ExitControls.ACKNOWLEDGE_INTERRUPT);
    f.write(VmcsField.POSTED_INTERRUPT_DESCRIPTOR, descriptor);
    f.write(VmcsField.POSTED_INTERRUPT_NOTIFICATION_VECTOR, 0xF2);
    f.memory.write64(descriptor + 8, 1L << 0x71 - 64);
    f.memory.write64(descriptor + 32, 1);
    f.write(VmcsField.GUEST_RFLAGS, 0x202);
    f.guest.pins.vector = 0xF2;
    f.guest.cpu.interruptPending();
    assertThat(f.exitOf("90")).isEqualTo(ExitReason.HLT.number());
    assertThat(f.read(VmcsField.GUEST_RIP)).isEqualTo(VmxFixture.HANDLER);
    assertThat(f.memory.read64(descriptor + 8)).isZero();
    assertThat(f.memory.read64(descriptor + 32)).isZero();
  }
}
