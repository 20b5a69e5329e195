package dev.ringzero.cpu.x87;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.x86.Cr4;
import dev.ringzero.x86.Vector;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ExtendedStateTest {
  private static final String FXSAVE = "0F AE 03", FXRSTOR = "0F AE 0B";
  private static final String XSAVE = "0F AE 23", XRSTOR = "0F AE 2B";
  private static final String XSAVEC = "0F C7 23", XSAVES = "0F C7 2B", XRSTORS = "0F C7 1B";
  private static final long DATA = X87Fixture.DATA;
  private static final long XSTATE_BV = DATA + 512, XCOMP_BV = DATA + 520;

  private final X87Fixture guest = new X87Fixture(32);

  @AfterEach
  void close() {
    guest.close();
  }

  private void features(long mask) {
    guest.cpu.gpr[Cpu.RAX] = mask;
    guest.cpu.gpr[Cpu.RDX] = 0;
  }

  @Test
  void savedStateComesBack() {
    guest.push(1.5);
    guest.cpu.vector[4] = 42;
    guest.cpu.mxcsr = 0x1FBF;
    guest.run(FXSAVE, "DB E3"); // FNINIT
    guest.cpu.vector[4] = 0;
    guest.cpu.mxcsr = 0x1F80;
    guest.run(FXRSTOR);
    assertThat(guest.top()).isEqualTo(1.5);
    assertThat(guest.cpu.vector[4]).isEqualTo(42);
    assertThat(guest.cpu.mxcsr).isEqualTo(0x1FBF);
  }

  @Test
  void misalignedAreaIsRefused() {
    guest.cpu.gpr[Cpu.RBX] = DATA + 8;
    assertThat(guest.exception(FXSAVE)).isEqualTo(Vector.GP);
    guest.cpu.gpr[Cpu.RBX] = DATA + 16;
    assertThat(guest.exception(XSAVE)).isEqualTo(Vector.GP);
  }

  @Test
  void reservedMxcsrBitsAreRefused() {
    guest.memory.write32(DATA + 24, 0x1_0000);
    assertThat(guest.exception(FXRSTOR)).isEqualTo(Vector.GP);
  }

  @Test
  void componentsInTheirInitialStateAreNotMarked() {
    features(7);
    guest.cpu.vector[2] = 1; // upper half of YMM0
    guest.run(XSAVE);
    assertThat(guest.memory.read64(XSTATE_BV)).isEqualTo(4);
  }

  @Test
  void componentsThatWereNotAskedForKeepTheirMark() {
    guest.memory.write64(XSTATE_BV, 4);
    features(1);
    guest.run("D9 E8", XSAVE);
    assertThat(guest.memory.read64(XSTATE_BV)).isEqualTo(5);
  }

  @Test
  void unmarkedComponentsAreInitialized() {
    guest.memory.write64(XSTATE_BV, 0);
    guest.memory.write32(DATA + 24, 0x1F80);
    guest.cpu.vector[0] = 1;
    guest.cpu.vector[3] = 2;
    features(3);
    guest.run("D9 E8", XRSTOR);
    assertThat(guest.x87.occupied).isZero();
    assertThat(guest.cpu.vector[0]).isZero();
    assertThat(guest.cpu.vector[3]).isEqualTo(2);
  }

  @Test
  void compactedFormatTellsItsComponents() {
    features(7);
    guest.run("D9 E8", XSAVEC);
    assertThat(guest.memory.read64(XCOMP_BV)).isEqualTo(1L << 63 | 7);
    assertThat(guest.memory.read64(XSTATE_BV)).isEqualTo(1);
    guest.run("DB E3", XRSTOR);
    assertThat(guest.top()).isEqualTo(1.0);
  }

  @Test
  void supervisorFormsRoundTrip() {
    features(7);
    guest.cpu.vector[7] = 99;
    guest.run("D9 E8", XSAVES);
    guest.cpu.vector[7] = 0;
    guest.run(XRSTORS);
    assertThat(guest.cpu.vector[7]).isEqualTo(99);
    guest.memory.write64(XCOMP_BV, 0);
    assertThat(guest.exception(XRSTORS)).isEqualTo(Vector.GP);
  }

  @Test
  void headerWithUnknownComponentsIsRefused() {
    features(7);
    guest.memory.write64(XSTATE_BV, 8);
    assertThat(guest.exception(XRSTOR)).isEqualTo(Vector.GP);
    guest.memory.write64(XSTATE_BV, 1);
    guest.memory.write64(DATA + 528, 1);
    assertThat(guest.exception(XRSTOR)).isEqualTo(Vector.GP);
  }

  @Test
  void withoutOsxsaveThereIsNoXsave() {
    guest.cpu.cr4 &= ~Cr4.OSXSAVE;
    assertThat(guest.exception(XSAVE)).isEqualTo(Vector.UD);
  }
}
