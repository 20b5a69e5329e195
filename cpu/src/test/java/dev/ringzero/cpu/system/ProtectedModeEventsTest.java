package dev.ringzero.cpu.system;

import static dev.ringzero.cpu.system.SystemFixture.CODE;
import static dev.ringzero.cpu.system.SystemFixture.CODE_32;
import static dev.ringzero.cpu.system.SystemFixture.DATA_0;
import static dev.ringzero.cpu.system.SystemFixture.HANDLER;
import static dev.ringzero.cpu.system.SystemFixture.INNER_STACK;
import static dev.ringzero.cpu.system.SystemFixture.STACK;
import static dev.ringzero.cpu.system.SystemFixture.TSS;
import static dev.ringzero.cpu.system.SystemFixture.USER_CODE_32;
import static dev.ringzero.cpu.system.SystemFixture.USER_DATA;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.Flags;
import dev.ringzero.cpu.system.Events.Kind;
import dev.ringzero.x86.Rflags;
import dev.ringzero.x86.Vector;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Intel SDM Vol. 3A, "Exception and Interrupt Handling", and the same in real-address mode. */
class ProtectedModeEventsTest {
  private SystemFixture f;
  private Cpu cpu;

  @BeforeEach
  void start() {
    f = SystemFixture.protectedMode();
    cpu = f.cpu;
    f.write(TSS + 4, 4, INNER_STACK);
    f.write(TSS + 8, 2, DATA_0);
    f.gate32(Vector.GP, CODE_32, HANDLER, 0x8E);
    f.gate32(Vector.DF, CODE_32, HANDLER + 0x200, 0x8E);
    f.gate32(0x40, CODE_32, HANDLER + 0x400, 0x8E);
    f.gate32(0x80, CODE_32, HANDLER + 0x300, 0xEF);
    f.gate32(0x81, CODE_32, HANDLER + 0x500, 0xE6);
  }

  @AfterEach
  void end() {
    f.close();
  }

  @Test
  void exceptionAtTheSameLevelPushesFlagsAddressAndErrorCode() {
    f.raise(Vector.GP, true, 0x48);
    assertThat(cpu.rip).isEqualTo(HANDLER);
    assertThat(cpu.gpr[Cpu.RSP]).isEqualTo(STACK - 16);
    assertThat(f.read(STACK - 16, 4)).isEqualTo(0x48);
    assertThat(f.read(STACK - 12, 4)).isEqualTo(CODE);
    assertThat(f.read(STACK - 8, 4)).isEqualTo(CODE_32);
    assertThat(f.read(STACK - 4, 4)).isEqualTo(Rflags.FIXED | Rflags.RF);
  }

  @Test
  void interruptAtUserLevelSavesTheOuterStack() {
    f.user(USER_CODE_32);
    Events.deliver(cpu, 0x40, Kind.EXTERNAL_INTERRUPT);
    assertThat(cpu.cpl).isZero();
    assertThat(cpu.gpr[Cpu.RSP]).isEqualTo(INNER_STACK - 20);
    assertThat(f.read(INNER_STACK - 4, 4)).isEqualTo(USER_DATA);
    assertThat(f.read(INNER_STACK - 8, 4)).isEqualTo(STACK);
    assertThat(cpu.selector[Cpu.SS]).isEqualTo(DATA_0);
  }

  @Test
  void sixteenBitGatePushesWords() {
    f.execute("CD 81");
    assertThat(cpu.gpr[Cpu.RSP]).isEqualTo(STACK - 6);
    assertThat(f.read(STACK - 6, 2)).isEqualTo(CODE + 2);
    assertThat(cpu.rip).isEqualTo(HANDLER + 0x500);
  }

  @Test
  void overflowTrapIsTakenOnlyWithTheFlag() {
    f.gate32(Vector.OF, CODE_32, HANDLER + 0x600, 0x8F);
    f.execute("CE");
    assertThat(cpu.rip).isEqualTo(CODE + 1);
    Flags.status(cpu, Rflags.OF);
    f.execute("CE");
    assertThat(cpu.rip).isEqualTo(HANDLER + 0x600);
  }

  @Test
  void invalidInnerStackDuringAnInterruptCarriesTheExternalBit() {
    f.gate32(Vector.TS, CODE_32, HANDLER + 0x700, 0x8E);
    f.write(TSS + 8, 2, USER_DATA);
    f.user(USER_CODE_32);
    assertThat(f.triples(() -> Events.deliver(cpu, 0x40, Kind.EXTERNAL_INTERRUPT))).isTrue();
  }

  @Test
  void boundsAreSignedAndRaiseTheirException() {
    f.write(SystemFixture.DATA, 4, -5);
    f.write(SystemFixture.DATA + 4, 4, 5);
    cpu.gpr[Cpu.RBX] = SystemFixture.DATA;
    cpu.gpr[Cpu.RAX] = 0xFFFF_FFFBL;
    assertThat(f.outcome("62 03")).isEmpty();
    cpu.gpr[Cpu.RAX] = 6;
    assertThat(f.outcome("62 03")).isEqualTo("#BR");
  }

  @Test
  void interruptFromVirtual8086ModeSavesAndClearsDataSegments() {
    cpu.systemFlags |= Rflags.VM;
    for (int segment = Cpu.ES; segment <= Cpu.GS; segment++) {
      SegmentRegisters.loadParagraph(cpu, segment, 0x100 + segment);
    }
    cpu.rip = 0;
    cpu.gpr[Cpu.RSP] = 0x80;
    ControlRegisters.stateReplaced(cpu, true);
    Modes.privilege(cpu, 3);
    Events.deliver(cpu, 0x40, Kind.EXTERNAL_INTERRUPT);
    assertThat(cpu.gpr[Cpu.RSP]).isEqualTo(INNER_STACK - 36);
    assertThat(f.read(INNER_STACK - 4, 4)).isEqualTo(0x105);
    assertThat(f.read(INNER_STACK - 16, 4)).isEqualTo(0x100);
    assertThat(f.read(INNER_STACK - 28, 4) & Rflags.VM).isNotZero();
    assertThat(f.flag(Rflags.VM)).isFalse();
    assertThat(cpu.selector[Cpu.DS]).isZero();
    assertThat(cpu.cpl).isZero();

    f.execute("CF");
    assertThat(f.flag(Rflags.VM)).isTrue();
    assertThat(cpu.segmentBase[Cpu.GS]).isEqualTo(0x1050);
    assertThat(cpu.cpl).isEqualTo(3);
  }

  @Test
  void softwareInterruptInVirtual8086ModeNeedsTheHighestIoPrivilege() {
    cpu.systemFlags |= Rflags.VM;
    SegmentRegisters.loadParagraph(cpu, Cpu.CS, 0);
    SegmentRegisters.loadParagraph(cpu, Cpu.SS, 0);
    ControlRegisters.stateReplaced(cpu, true);
    Modes.privilege(cpu, 3);
    assertThat(f.outcome("CD 80")).isEqualTo("#GP(0)");
    f.ioPrivilege(3);
    assertThat(f.outcome("CD 80")).isEmpty();
    assertThat(cpu.cpl).isZero();
  }

  @Test
  void realModeInterruptGoesThroughTheVectorTable() {
    try (SystemFixture real = SystemFixture.realMode()) {
      real.write(4 * 0x21, 2, 0x1234);
      real.write(4 * 0x21 + 2, 2, 0x0800);
      real.cpu.systemFlags |= Rflags.IF;
      real.execute("CD 21");
      assertThat(real.cpu.rip).isEqualTo(0x1234);
      assertThat(real.cpu.segmentBase[Cpu.CS]).isEqualTo(0x8000);
      assertThat(real.read(STACK - 6, 2)).isEqualTo(CODE + 2);
      assertThat(real.read(STACK - 2, 2) & Rflags.IF).isNotZero();
      assertThat(real.flag(Rflags.IF)).isFalse();
    }
  }
}
