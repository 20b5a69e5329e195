package dev.ringzero.cpu.vmx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.engine.Register;
import dev.ringzero.engine.state.StateReader;
import dev.ringzero.engine.state.StateWriter;
import dev.ringzero.x86.ExitReason;
import dev.ringzero.x86.InterruptionInformation;
import dev.ringzero.x86.Rflags;
import dev.ringzero.x86.Vector;
import dev.ringzero.x86.vmx.InstructionError;
import dev.ringzero.x86.vmx.PinBasedControls;
import dev.ringzero.x86.vmx.ProcessorControls;
import dev.ringzero.x86.vmx.VmcsField;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VmEntryTest {
  private static final long ENTRY_FAILURE = 1L << 31;

  private final VmxFixture f = VmxFixture.ready();

  @AfterEach
  void close() {
    f.close();
  }

  @ParameterizedTest
  @CsvSource({
    "PIN_BASED_CONTROLS, 0x4000, 0", // a bit that must be one
    "CR3_TARGET_COUNT, 0x400A, 5",
    "EXIT_CONTROLS, 0x400C, 0x8003EFFB", // a bit that must be zero
    "EXIT_MSR_STORE_COUNT, 0x400E, 1", // with an address beyond the physical width, below
    "ENTRY_INTERRUPTION_INFORMATION, 0x4016, 0x80000108", // reserved type
    "ENTRY_INTERRUPTION_INFORMATION, 0x4016, 0x80000203", // an NMI with vector 3
    "ENTRY_INTERRUPTION_INFORMATION, 0x4016, 0x8000030D" // #GP without its error code
  })
  void invalidControlsFailWithError7(String name, String field, String value) {
    f.write(VmcsField.EXIT_MSR_STORE_ADDRESS, 1L << 60);
    f.write(Integer.decode(field), Long.decode(value)).launch();
    assertThat(f.guest.flags()).as(name).isEqualTo("z");
    assertThat(f.error()).as(name).isEqualTo(InstructionError.ENTRY_INVALID_CONTROLS);
  }

  @ParameterizedTest
  @CsvSource({
    "HOST_CR0, 0x6C00, 0x80000001",
    "HOST_CR4, 0x6C04, 0x20",
    "HOST_CR3, 0x6C02, 0x1000000000000",
    "HOST_CS_SELECTOR, 0x0C02, 0",
    "HOST_SS_SELECTOR, 0x0C04, 3",
    "HOST_TR_SELECTOR, 0x0C0C, 0",
    "HOST_FS_BASE, 0x6C06, 0x800000000000",
    "HOST_RIP, 0x6C16, 0x800000000000"
  })
  void invalidHostStateFailsWithError8(String name, String field, String value) {
    f.write(Integer.decode(field), Long.decode(value)).launch();
    assertThat(f.guest.flags()).as(name).isEqualTo("z");
    assertThat(f.error()).as(name).isEqualTo(InstructionError.ENTRY_INVALID_HOST_STATE);
  }

  @ParameterizedTest
  @CsvSource({
    "GUEST_CR0 without PG, 0x6800, 0x21, 0",
    "GUEST_CR3, 0x6802, 0x1000000000000, 0",
    "GUEST_CS_ACCESS_RIGHTS: data, 0x4816, 0xC093, 0",
    "GUEST_CS_ACCESS_RIGHTS: L and D, 0x4816, 0xE09B, 0",
    "GUEST_SS_ACCESS_RIGHTS: DPL 1, 0x4818, 0xC0B3, 0",
    "GUEST_DS_ACCESS_RIGHTS: absent, 0x481A, 0xC013, 0",
    "GUEST_TR_ACCESS_RIGHTS: unusable, 0x4822, 0x1008B, 0",
    "GUEST_GDTR_LIMIT, 0x4810, 0x10000, 0",
    "GUEST_RIP: not canonical, 0x681E, 0x800000000000, 0",
    "GUEST_RFLAGS: bit 1 clear, 0x6820, 0, 0",
    "GUEST_ACTIVITY, 0x4826, 4, 0",
    "GUEST_INTERRUPTIBILITY: STI with IF clear, 0x4824, 1, 0",
    "VMCS_LINK_POINTER, 0x2800, 0x1001, 4"
  })
  void invalidGuestStateExits(String name, String field, String value, long qualification) {
    f.write(Integer.decode(field), Long.decode(value)).launch();
    assertThat(f.exitReason())
        .as(name)
        .isEqualTo(ExitReason.ENTRY_FAILURE_GUEST_STATE.number() | ENTRY_FAILURE);
    assertThat(f.read(VmcsField.EXIT_QUALIFICATION)).as(name).isEqualTo(qualification);
    f.write(Integer.decode(field), 0);
  }

  @Test
  void anEntryBehindMovSsFails() {
    f.guest.run("8C D0 8E D0 0F 01 C2"); // mov eax, ss; mov ss, eax; vmlaunch
    assertThat(f.error()).isEqualTo(InstructionError.ENTRY_BLOCKED_BY_MOV_SS);
  }

  @Test
  void anInjectedExceptionRunsTheGuestsHandler() {
    f.gate(Vector.GP).write(VmcsField.ENTRY_EXCEPTION_ERROR_CODE, 0x1234);
    f.write(
        VmcsField.ENTRY_INTERRUPTION_INFORMATION,
        InterruptionInformation.exception(Vector.GP, true) & 0xFFFF_FFFFL);
    assertThat(f.exitOf("90")).isEqualTo(ExitReason.HLT.number());
    assertThat(f.read(VmcsField.GUEST_RIP)).isEqualTo(VmxFixture.HANDLER);
    long pointer = f.read(VmcsField.GUEST_RSP);
    assertThat(f.memory.read64(pointer)).isEqualTo(0x1234);
    assertThat(f.memory.read64(pointer + 8)).isEqualTo(VmxFixture.GUEST);
    assertThat(f.read(VmcsField.ENTRY_INTERRUPTION_INFORMATION) >>> 31).isZero();
  }

  @Test
  void anInjectedSoftwareInterruptReturnsBehindItsInstruction() {
    f.gate(0x80).write(VmcsField.ENTRY_INSTRUCTION_LENGTH, 2);
    f.write(VmcsField.ENTRY_INTERRUPTION_INFORMATION, 0x8000_0480L);
    assertThat(f.exitOf("90")).isEqualTo(ExitReason.HLT.number());
    assertThat(f.memory.read64(f.read(VmcsField.GUEST_RSP))).isEqualTo(VmxFixture.GUEST + 2);
  }

  @Test
  void anExitDuringAnInjectionTellsOfTheEvent() {
    f.write(VmcsField.EXCEPTION_BITMAP, 1 << Vector.GP); // the IDT is too short: #GP
    f.write(VmcsField.GUEST_IDTR_LIMIT, 0);
    f.write(VmcsField.ENTRY_INTERRUPTION_INFORMATION, 0x8000_0030L);
    f.write(VmcsField.GUEST_RFLAGS, Rflags.FIXED | Rflags.IF);
    assertThat(f.exitOf("90")).isEqualTo(ExitReason.EXCEPTION_OR_NMI.number());
    assertThat(f.read(VmcsField.IDT_VECTORING_INFORMATION)).isEqualTo(0x8000_0030L);
    assertThat(f.read(VmcsField.EXIT_INTERRUPTION_INFORMATION)).isEqualTo(0x8000_0B0DL);
    assertThat(f.read(VmcsField.EXIT_INTERRUPTION_ERROR_CODE)).isEqualTo(0x30 << 3 | 3);
  }

  @Test
  void aGuestThatHaltsIsEnteredHalted() {
    f.write(VmcsField.GUEST_ACTIVITY, Activity.HLT).code("0F A2");
    f.enable(VmcsField.PIN_BASED_CONTROLS, PinBasedControls.EXTERNAL_INTERRUPT_EXITING);
    f.guest.run("0F 01 C2"); // comes back with HLT: nothing wakes the guest
    f.guest.pins.vector = 0x41;
    f.guest.cpu.interruptPending();
    assertThat(f.guest.cpu.wakes()).isTrue();
    assertThat(f.guest.runUntilExit()).isEqualTo(ExitReason.HLT); // the monitor's
    f.guest.cpu.skipInstruction();
    assertThat(f.exitReason()).isEqualTo(ExitReason.EXTERNAL_INTERRUPT.number());
    assertThat(f.read(VmcsField.GUEST_ACTIVITY)).isEqualTo(Activity.HLT);
  }

  @Test
  void aRunningGuestIsSavedAndRestored() {
    long controls = f.read(VmcsField.PROCESSOR_CONTROLS) & ~ProcessorControls.HLT_EXITING;
    f.write(VmcsField.PROCESSOR_CONTROLS, controls);
    f.enable(VmcsField.PIN_BASED_CONTROLS, PinBasedControls.EXTERNAL_INTERRUPT_EXITING);
    f.code("B8 07 00 00 00 F4 0F A2").launch(); // mov eax, 7; hlt; cpuid
    StateWriter out = new StateWriter();
    out.writeUnit(f.guest.cpu);
    byte[] saved = out.toByteArray();
    try (VmxFixture other = new VmxFixture()) {
      other.code("B8 07 00 00 00 F4 0F A2");
      new StateReader(saved).readUnit(other.guest.cpu);
      StateWriter again = new StateWriter();
      again.writeUnit(other.guest.cpu);
      assertThat(again.toByteArray()).isEqualTo(saved);
      other.guest.pins.vector = 0x41;
      other.guest.cpu.interruptPending();
      assertThat(other.guest.runUntilExit()).isEqualTo(ExitReason.HLT); // the monitor's
      other.guest.cpu.skipInstruction();
      assertThat(other.guest.get(Register.RAX)).isEqualTo(7);
      assertThat(other.exitReason()).isEqualTo(ExitReason.EXTERNAL_INTERRUPT.number());
      assertThat(other.read(VmcsField.GUEST_RIP)).isEqualTo(VmxFixture.GUEST + 6);
    }
  }
}
