package dev.ringzero.cpu.vmx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.engine.Register;
import dev.ringzero.x86.ExitReason;
import dev.ringzero.x86.vmx.PinBasedControls;
import dev.ringzero.x86.vmx.ProcessorControls;
import dev.ringzero.x86.vmx.SecondaryControls;
import dev.ringzero.x86.vmx.VmcsField;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ApicAccessTest {
  private static final long ACCESS_PAGE = 0x15_0000;
  private static final long VIRTUAL_PAGE = 0x15_1000;
  private static final String ADDRESS = "BB 00 00 15 00"; // mov ebx, ACCESS_PAGE

  private final VmxFixture f = VmxFixture.ready();

  @BeforeEach
  void virtualizeAccesses() {
    f.enable(VmcsField.PROCESSOR_CONTROLS, ProcessorControls.SECONDARY_CONTROLS);
    f.write(VmcsField.SECONDARY_CONTROLS, SecondaryControls.VIRTUALIZE_APIC_ACCESSES);
    f.write(VmcsField.APIC_ACCESS_ADDRESS, ACCESS_PAGE);
    f.write(VmcsField.VIRTUAL_APIC_ADDRESS, VIRTUAL_PAGE);
  }

  @AfterEach
  void close() {
    f.close();
  }

  private void secondary(int bits) {
    f.enable(VmcsField.PROCESSOR_CONTROLS, ProcessorControls.TPR_SHADOW);
    f.enable(VmcsField.SECONDARY_CONTROLS, bits);
  }

  private void exitsWith(ExitReason reason, long qualification, long ripAfterAddress) {
    assertThat(f.exitReason()).isEqualTo(reason.number());
    assertThat(f.read(VmcsField.EXIT_QUALIFICATION)).isEqualTo(qualification);
    assertThat(f.read(VmcsField.GUEST_RIP)).isEqualTo(VmxFixture.GUEST + 5 + ripAfterAddress);
  }

  @Test
  void withoutShadowReadsAndWritesExitBeforeTheyHappen() {
    f.exitOf(ADDRESS + "8B 83 30 00 00 00"); // mov eax, [rbx + 30]
    exitsWith(ExitReason.APIC_ACCESS, 0x30, 0);
    assertThat(f.read(VmcsField.EXIT_INSTRUCTION_LENGTH)).isEqualTo(6);
    f.code(ADDRESS + "89 83 80 00 00 00").write(VmcsField.GUEST_RIP, VmxFixture.GUEST).resume();
    exitsWith(ExitReason.APIC_ACCESS, 0x1080, 0);
  }

  @Test
  void aFetchFromThePageExits() {
    f.exitOf(ADDRESS + "FF E3"); // jmp rbx
    assertThat(f.exitReason()).isEqualTo(ExitReason.APIC_ACCESS.number());
    assertThat(f.read(VmcsField.EXIT_QUALIFICATION)).isEqualTo(0x2000);
  }

  @Test
  void theTaskPriorityIsThatOfTheVirtualPage() {
    secondary(0);
    f.memory.write32(VIRTUAL_PAGE + 0x80, 0x50);
    // mov eax, [rbx + 80]; mov dword [rbx + 80], FFFFFF70; cpuid
    f.exitOf(ADDRESS + "8B 83 80 00 00 00 89 C6 C7 83 80 00 00 00 70 FF FF FF 0F A2");
    assertThat(f.exitReason()).isEqualTo(ExitReason.CPUID.number());
    assertThat(f.guest.get(Register.RSI)).isEqualTo(0x50);
    assertThat(f.memory.read32(VIRTUAL_PAGE + 0x80)).isEqualTo(0x70);
  }

  @Test
  void aTaskPriorityBelowItsThresholdExitsBehindTheWrite() {
    secondary(0);
    f.memory.write32(VIRTUAL_PAGE + 0x80, 0x70);
    f.write(VmcsField.TPR_THRESHOLD, 6);
    f.exitOf(ADDRESS + "C7 83 80 00 00 00 30 00 00 00 0F A2");
    exitsWith(ExitReason.TPR_BELOW_THRESHOLD, 0, 10);
    f.resume(); // it is below at once
    exitsWith(ExitReason.TPR_BELOW_THRESHOLD, 0, 10);
  }

  @Test
  void aVirtualRegisterIsWrittenBeforeTheExit() {
    secondary(SecondaryControls.APIC_REGISTER_VIRTUALIZATION);
    // mov dword [rbx + 300], 12345678; mov dword [rbx + 300], 1
    f.exitOf(ADDRESS + "C7 83 00 03 00 00 78 56 34 12 C7 83 00 03 00 00 01 00 00 00");
    exitsWith(ExitReason.APIC_WRITE, 0x300, 10);
    assertThat(f.memory.read32(VIRTUAL_PAGE + 0x300)).isEqualTo(0x1234_5678);
  }

  @Test
  void wideAndMisplacedAccessesExitAlthoughTheRegisterIsVirtual() {
    secondary(SecondaryControls.APIC_REGISTER_VIRTUALIZATION);
    f.exitOf(ADDRESS + "48 8B 83 80 00 00 00"); // mov rax, [rbx + 80]
    exitsWith(ExitReason.APIC_ACCESS, 0x80, 0);
    f.code(ADDRESS + "8B 83 84 00 00 00").write(VmcsField.GUEST_RIP, VmxFixture.GUEST).resume();
    exitsWith(ExitReason.APIC_ACCESS, 0x84, 0);
  }

  @Test
  void anIpiToItselfIsDeliveredWithoutExit() {
    secondary(SecondaryControls.VIRTUAL_INTERRUPT_DELIVERY);
    f.enable(VmcsField.PIN_BASED_CONTROLS, PinBasedControls.EXTERNAL_INTERRUPT_EXITING);
    f.gate(0x61);
    f.exitOf(ADDRESS + "FB C7 83 00 03 00 00 61 00 04 00 90 0F A2"); // sti; write ICR
    assertThat(f.exitReason()).isEqualTo(ExitReason.HLT.number()); // the guest's handler
    assertThat(f.memory.read32(VIRTUAL_PAGE + 0x130)).isEqualTo(2); // ISR
  }

  @Test
  void withoutTheControlThePageIsPlainMemory() {
    f.write(VmcsField.SECONDARY_CONTROLS, 0);
    f.exitOf(ADDRESS + "C7 83 80 00 00 00 70 00 00 00 0F A2");
    assertThat(f.exitReason()).isEqualTo(ExitReason.CPUID.number());
    assertThat(f.memory.read32(ACCESS_PAGE + 0x80)).isEqualTo(0x70);
  }
}
