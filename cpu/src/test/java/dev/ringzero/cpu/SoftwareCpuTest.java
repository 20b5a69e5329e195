package dev.ringzero.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringzero.engine.Register;
import dev.ringzero.engine.SegmentState;
import dev.ringzero.engine.state.StateException;
import dev.ringzero.engine.state.StateReader;
import dev.ringzero.engine.state.StateWriter;
import dev.ringzero.x86.ExitReason;
import dev.ringzero.x86.Rflags;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SoftwareCpuTest {
  private static final long IDT = 0x5000;
  private static final long GDT = 0x6000;
  private static final long HANDLER = GuestFixture.CODE + 0x2000;

  private final GuestFixture guest = new GuestFixture();

  @AfterEach
  void close() {
    guest.close();
  }

  /** Sends a vector to {@link #HANDLER}, by a 64-bit interrupt gate. */
  private void gate(int vector) {
    guest.memory.write64(GDT + 8, 0x00AF_9B00_0000_FFFFL);
    guest.memory.write64(GDT + 16, 0x00CF_9300_0000_FFFFL);
    guest.cpu.segment(SegmentState.GDTR, new SegmentState(0, GDT, 0xFF, 0));
    long low = HANDLER & 0xFFFF | 8L << 16 | 0x8E00L << 32 | (HANDLER >>> 16 & 0xFFFF) << 48;
    guest.memory.write64(IDT + vector * 16L, low);
    guest.memory.write64(IDT + vector * 16L + 8, HANDLER >>> 32);
    guest.cpu.segment(SegmentState.IDTR, new SegmentState(0, IDT, 0xFFF, 0));
  }

  @Test
  void savedStateRestoresToTheSameBytes() {
    guest.set(Register.RAX, 1).set(Register.RCX, 2).run("48 39 C8  0F 28 C1"); // cmp; movaps
    byte[] saved = save(guest);
    try (GuestFixture other = new GuestFixture()) {
      StateReader in = new StateReader(saved);
      in.readUnit(other.cpu);
      assertThat(save(other)).isEqualTo(saved);
      assertThat(other.get(Register.RIP)).isEqualTo(guest.get(Register.RIP));
      assertThat(other.flags()).isEqualTo(guest.flags());
    }
  }

  @Test
  void damagedStateIsRefused() {
    byte[] saved = save(guest);
    byte[] cut = Arrays.copyOf(saved, saved.length / 2);
    assertThatThrownBy(() -> new StateReader(cut).readUnit(guest.cpu))
        .isInstanceOf(StateException.class);
  }

  private static byte[] save(GuestFixture guest) {
    StateWriter out = new StateWriter();
    out.writeUnit(guest.cpu);
    return out.toByteArray();
  }

  @Test
  void interruptIsTakenOnceItIsEnabled() {
    gate(0x40);
    guest.bytes(HANDLER, "B0 2A F4"); // mov al,42; hlt
    guest.pins.vector = 0x40;
    guest.cpu.interruptPending();
    guest.bytes(GuestFixture.CODE, "FB 90 90 EB FE").set(Register.RIP, GuestFixture.CODE);
    guest.toHalt();
    assertThat(guest.get(Register.RAX) & 0xFF).isEqualTo(42);
    // Taken after the instruction behind STI.
    long frame = guest.get(Register.RSP);
    assertThat(guest.memory.read64(frame)).isEqualTo(GuestFixture.CODE + 2);
  }

  @Test
  void interruptThatIsMaskedWaits() {
    gate(0x40);
    guest.pins.vector = 0x40;
    guest.cpu.interruptPending();
    guest.run("90 90");
    assertThat(guest.pins.vector).isEqualTo(0x40);
    assertThat(guest.cpu.wakes()).isFalse();
  }

  @Test
  void nonMaskableInterruptIsTakenOnceUntilIret() {
    gate(2);
    guest.bytes(HANDLER, "FF C3 F4 48 CF"); // inc ebx; hlt; iretq
    guest.set(Register.RBX, 0);
    guest.cpu.nonMaskableInterrupt();
    assertThat(guest.cpu.wakes()).isTrue();
    guest.bytes(GuestFixture.CODE, "90 F4").set(Register.RIP, GuestFixture.CODE);
    guest.toHalt();
    guest.cpu.nonMaskableInterrupt();
    guest.toHalt(); // iretq, and the second one
    assertThat(guest.get(Register.RBX)).isEqualTo(2);
    guest.toHalt();
    assertThat(guest.get(Register.RIP)).isEqualTo(GuestFixture.CODE + 2);
  }

  @Test
  void ofSeveralNonMaskableInterruptsTwoAreTaken() {
    gate(2);
    guest.bytes(HANDLER, "FF C3 48 CF"); // inc ebx; iretq
    guest.set(Register.RBX, 0);
    guest.bytes(GuestFixture.CODE, "90 F4 F4").set(Register.RIP, GuestFixture.CODE);
    guest.cpu.nonMaskableInterrupt();
    guest.cpu.nonMaskableInterrupt();
    guest.cpu.nonMaskableInterrupt();
    guest.toHalt();
    assertThat(guest.get(Register.RBX)).isEqualTo(2);
  }

  @Test
  void injectedExceptionIsDeliveredAtTheNextEntry() {
    gate(13);
    guest.bytes(HANDLER, "F4").bytes(GuestFixture.CODE, "90 F4");
    guest.set(Register.RIP, GuestFixture.CODE);
    guest.cpu.injectException(13, 0x18);
    guest.toHalt();
    long frame = guest.get(Register.RSP);
    assertThat(guest.memory.read64(frame)).isEqualTo(0x18);
    assertThat(guest.memory.read64(frame + 8)).isEqualTo(GuestFixture.CODE);
  }

  @Test
  void exitLeavesRipAtItsInstructionAndSkippingMovesOn() {
    guest.bytes(GuestFixture.CODE, "0F A2 F4").set(Register.RIP, GuestFixture.CODE); // cpuid; hlt
    assertThat(guest.runUntilExit()).isEqualTo(ExitReason.CPUID);
    assertThat(guest.get(Register.RIP)).isEqualTo(GuestFixture.CODE);
    guest.cpu.skipInstruction();
    guest.toHalt();
    assertThat(guest.cpu.exits().count(ExitReason.CPUID)).isEqualTo(1);
  }

  @Test
  void resetStartsInRealModeBelowFourGigabytes() {
    guest.cpu.reset(false);
    assertThat(guest.get(Register.RIP)).isEqualTo(0xFFF0);
    assertThat(guest.cpu.segment(SegmentState.CS).base()).isEqualTo(0xFFFF_0000L);
    assertThat(guest.get(Register.RFLAGS)).isEqualTo(Rflags.FIXED);
  }

  @Test
  void realModeCodeRuns() {
    guest.cpu.reset(false);
    guest.bytes(0x7C00, "B8 34 12  05 01 00  66 B9 78 56 34 12  EB 01  40  F4");
    guest.cpu.segment(SegmentState.CS, new SegmentState(0, 0, 0xFFFF, 0x9B));
    guest.set(Register.RIP, 0x7C00); // mov ax,1234h; add ax,1; mov ecx,12345678h; jmp +1; inc ax
    guest.toHalt();
    assertThat(guest.get(Register.RAX)).isEqualTo(0x1235);
    assertThat(guest.get(Register.RCX)).isEqualTo(0x1234_5678);
  }

  @Test
  void instructionBeyondTheCodeSegmentFaults() {
    guest.cpu.reset(false);
    guest.bytes(0x7C00, "B8 34 12 B8 78 56");
    guest.cpu.segment(SegmentState.CS, new SegmentState(0, 0x7C00, 4, 0x9B));
    guest.cpu.segment(SegmentState.IDTR, new SegmentState(0, 0, 0, 0));
    guest.set(Register.RIP, 0);
    assertThat(guest.runUntilExit()).isEqualTo(ExitReason.TRIPLE_FAULT);
    assertThat(guest.get(Register.RAX)).isEqualTo(0x1234);
    assertThat(guest.get(Register.RIP)).isEqualTo(3);
  }

  @Test
  void differentThreadsMayRunItInTurn() throws InterruptedException {
    guest.bytes(GuestFixture.CODE, "48 FF C0 F4 48 FF C0 F4").set(Register.RIP, GuestFixture.CODE);
    guest.set(Register.RAX, 0).toHalt();
    Thread other = new Thread(guest::toHalt);
    other.start();
    other.join();
    assertThat(guest.get(Register.RAX)).isEqualTo(2);
  }
}
