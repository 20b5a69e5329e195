package dev.ringzero.cpu.vmx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.engine.Register;
import dev.ringzero.x86.Cr4;
import dev.ringzero.x86.ExitReason;
import dev.ringzero.x86.vmx.InstructionError;
import dev.ringzero.x86.vmx.VmcsField;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class VmxInstructionsTest {
  private VmxFixture f = new VmxFixture();

  @AfterEach
  void close() {
    f.close();
  }

  private void ready() {
    f.close();
    f = VmxFixture.ready();
  }

  private ExitReason outcome(String hex) {
    f.guest.bytes(dev.ringzero.cpu.GuestFixture.CODE, hex + "F4");
    f.guest.set(Register.RIP, dev.ringzero.cpu.GuestFixture.CODE);
    return f.guest.runUntilExit();
  }

  @Test
  void vmxonWithoutCr4VmxeIsUndefined() {
    f.guest.set(Register.CR4, f.guest.get(Register.CR4) & ~Cr4.VMXE);
    f.gate(6).guest.set(Register.RBX, VmxFixture.POINTER);
    assertThat(outcome("F3 0F C7 33")).isEqualTo(ExitReason.HLT);
    assertThat(f.guest.get(Register.RIP)).isEqualTo(VmxFixture.HANDLER);
  }

  @Test
  void vmxonNeedsTheRevisionOfTheProcessor() {
    f.memory.write32(VmxFixture.VMXON, Vmcs.REVISION + 1);
    assertThat(f.vmxon(VmxFixture.VMXON).guest.flags()).isEqualTo("c");
    f.memory.write32(VmxFixture.VMXON, Vmcs.REVISION);
    assertThat(f.vmxon(VmxFixture.VMXON + 8).guest.flags()).isEqualTo("c");
    assertThat(f.vmxon(1L << 46).guest.flags()).isEqualTo("c");
    assertThat(f.vmxon(VmxFixture.VMXON).guest.flags()).isEmpty();
  }

  @Test
  void instructionsOutsideVmxOperationAreUndefined() {
    f.gate(6);
    for (String hex : new String[] {"0F 01 C4", "0F 01 C2", "0F 78 C3", "0F 79 C3"}) {
      assertThat(outcome(hex)).isEqualTo(ExitReason.HLT);
      assertThat(f.guest.get(Register.RIP)).isEqualTo(VmxFixture.HANDLER);
    }
  }

  @Test
  void withoutACurrentVmcsFailuresAreInvalid() {
    f.vmxon(VmxFixture.VMXON);
    f.read(VmcsField.GUEST_RIP);
    assertThat(f.guest.flags()).isEqualTo("c");
    assertThat(f.launch().guest.flags()).isEqualTo("c");
    assertThat(f.vmxon(VmxFixture.VMXON).guest.flags()).isEqualTo("c");
  }

  @Test
  void failuresWithACurrentVmcsHaveTheManualsNumbers() {
    ready();
    assertThat(f.vmxon(VmxFixture.VMXON).guest.flags()).isEqualTo("z");
    assertThat(f.error()).isEqualTo(InstructionError.VMXON_IN_ROOT);
    f.vmclear(VmxFixture.VMCS + 1);
    assertThat(f.error()).isEqualTo(InstructionError.VMCLEAR_INVALID_ADDRESS);
    f.vmclear(VmxFixture.VMXON);
    assertThat(f.error()).isEqualTo(InstructionError.VMCLEAR_VMXON_POINTER);
    f.vmptrld(VmxFixture.VMCS + 1);
    assertThat(f.error()).isEqualTo(InstructionError.VMPTRLD_INVALID_ADDRESS);
    f.vmptrld(VmxFixture.VMXON);
    assertThat(f.error()).isEqualTo(InstructionError.VMPTRLD_VMXON_POINTER);
    f.memory.write32(VmxFixture.OTHER_VMCS, 7);
    f.vmptrld(VmxFixture.OTHER_VMCS);
    assertThat(f.error()).isEqualTo(InstructionError.VMPTRLD_WRONG_REVISION);
    f.read(0x4FFE);
    assertThat(f.error()).isEqualTo(InstructionError.UNSUPPORTED_COMPONENT);
    f.guest.run("0F 01 C1");
    assertThat(f.error()).isEqualTo(InstructionError.VMCALL_IN_ROOT);
  }

  @Test
  void fieldsStayInTheirRegionWhileAnotherIsCurrent() {
    ready();
    f.write(VmcsField.GUEST_RSP, 0x1122_3344_5566_7788L);
    f.vmptrld(VmxFixture.OTHER_VMCS).write(VmcsField.GUEST_RSP, 5);
    f.vmptrld(VmxFixture.VMCS);
    assertThat(f.read(VmcsField.GUEST_RSP)).isEqualTo(0x1122_3344_5566_7788L);
    f.guest.set(Register.RBX, VmxFixture.POINTER).run("0F C7 3B"); // vmptrst
    assertThat(f.memory.read64(VmxFixture.POINTER)).isEqualTo(VmxFixture.VMCS);
  }

  @Test
  void fieldsAreCutToTheirWidthAndHaveHalves() {
    ready();
    f.write(VmcsField.GUEST_CS_SELECTOR, 0x1_2345);
    assertThat(f.read(VmcsField.GUEST_CS_SELECTOR)).isEqualTo(0x2345);
    f.write(VmcsField.EXCEPTION_BITMAP, -1);
    assertThat(f.read(VmcsField.EXCEPTION_BITMAP)).isEqualTo(0xFFFF_FFFFL);
    f.write(VmcsField.TSC_OFFSET, 0x1111_2222_3333_4444L);
    assertThat(f.read(VmcsField.TSC_OFFSET + 1)).isEqualTo(0x1111_2222L);
    f.write(VmcsField.TSC_OFFSET + 1, 7);
    assertThat(f.read(VmcsField.TSC_OFFSET)).isEqualTo(0x7_3333_4444L);
  }

  @Test
  void everyFieldHasAPlaceOfItsOwn() {
    ready();
    long value = 1;
    for (int field : VmcsField.all()) {
      f.write(field, value++ & 0xFFFF);
    }
    value = 1;
    for (int field : VmcsField.all()) {
      if (field != VmcsField.INSTRUCTION_ERROR) {
        assertThat(f.read(field)).as(Integer.toHexString(field)).isEqualTo(value & 0xFFFF);
      }
      value++;
    }
  }

  @Test
  void launchStateDecidesBetweenVmlaunchAndVmresume() {
    ready();
    f.code("0F A2"); // cpuid
    assertThat(f.resume().guest.flags()).isEqualTo("z");
    assertThat(f.error()).isEqualTo(InstructionError.VMRESUME_NOT_LAUNCHED);
    f.launch();
    assertThat(f.exitReason()).isEqualTo(ExitReason.CPUID.number());
    f.launch();
    assertThat(f.error()).isEqualTo(InstructionError.VMLAUNCH_NOT_CLEAR);
    f.vmclear(VmxFixture.VMCS).vmptrld(VmxFixture.VMCS).launch();
    assertThat(f.exitReason()).isEqualTo(ExitReason.CPUID.number());
  }

  @Test
  void inveptAndInvvpidRefuseTypesThatAreNotThere() {
    ready();
    f.guest.set(Register.RAX, 3).set(Register.RBX, VmxFixture.POINTER).run("66 0F 38 80 03");
    assertThat(f.error()).isEqualTo(InstructionError.INVALID_OPERAND);
    f.guest.set(Register.RAX, 2).set(Register.RBX, VmxFixture.POINTER).run("66 0F 38 80 03");
    assertThat(f.guest.flags()).isEmpty();
    f.memory.write64(VmxFixture.POINTER, 0);
    f.guest.set(Register.RAX, 1).run("66 0F 38 81 03"); // invvpid of VPID 0
    assertThat(f.guest.flags()).isEqualTo("z");
    f.memory.write64(VmxFixture.POINTER, 1);
    f.guest.set(Register.RAX, 1).run("66 0F 38 81 03");
    assertThat(f.guest.flags()).isEmpty();
  }
}
