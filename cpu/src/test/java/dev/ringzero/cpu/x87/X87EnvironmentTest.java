package dev.ringzero.cpu.x87;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.testkit.SavedState;
import org.junit.jupiter.api.Test;

class X87EnvironmentTest {
  private static final String FLD1 = "D9 E8", FLDPI = "D9 EB";
  private static final long DATA = X87Fixture.DATA;

  @Test
  void protectedModeEnvironmentHasOffsetsOf32Bits() {
    try (X87Fixture guest = new X87Fixture(32)) {
      guest.push(2).run(FLD1, "D9 33"); // FNSTENV [EBX]
      assertThat(guest.memory.read32(DATA)).isEqualTo(0xFFFF_037FL);
      assertThat(guest.memory.read32(DATA + 4)).isEqualTo(0xFFFF_3000L);
      assertThat(guest.memory.read32(DATA + 8)).isEqualTo(0xFFFF_0FFFL);
      assertThat(guest.memory.read32(DATA + 12)).isEqualTo(X87Fixture.CODE);
      assertThat(guest.memory.read32(DATA + 20)).isEqualTo(DATA);
    }
  }

  @Test
  void storingTheEnvironmentMasksAllExceptions() {
    try (X87Fixture guest = new X87Fixture(32)) {
      guest.x87.control(0x340);
      guest.run("D9 33");
      assertThat(guest.memory.read16(DATA)).isEqualTo(0x340);
      assertThat(guest.x87.controlWord).isEqualTo(0x37F);
    }
  }

  @Test
  void realModeEnvironmentHasLinearAddresses() {
    try (X87Fixture guest = new X87Fixture(16)) {
      guest.push(2);
      guest.x87.instructionPointer = 0xF_1234;
      guest.run("D9 37"); // FNSTENV [BX]
      assertThat(guest.memory.read16(DATA + 6)).isEqualTo(0x1234);
      assertThat(guest.memory.read16(DATA + 8)).isEqualTo(0xF000);
      guest.x87.instructionPointer = 0;
      guest.run("D9 27"); // FLDENV [BX]
      assertThat(guest.x87.instructionPointer).isEqualTo(0xF_1234);
    }
  }

  @Test
  void savedRegistersComeBack() {
    try (X87Fixture guest = new X87Fixture(32)) {
      guest.run(FLDPI, FLD1, "DD 33"); // FNSAVE [EBX]
      assertThat(guest.x87.occupied).isZero();
      assertThat(guest.x87.top).isZero();
      guest.run("DD 23"); // FRSTOR [EBX]
      assertThat(guest.x87.top).isEqualTo(6);
      assertThat(guest.x87.tagWord()).isEqualTo(0x0FFF);
      assertThat(guest.top()).isEqualTo(1.0);
      assertThat(guest.run("DD D8").top()).isEqualTo(Math.PI);
    }
  }

  @Test
  void tagsTellZeroAndSpecialValues() {
    try (X87Fixture guest = new X87Fixture(32)) {
      guest.push(0).push(Double.POSITIVE_INFINITY).push(3);
      assertThat(guest.x87.tagWord()).isEqualTo(0x63FF); // R7 zero, R6 special, R5 valid
    }
  }

  @Test
  void savingRestoringAndSavingGivesTheSameBytes() {
    try (X87Fixture guest = new X87Fixture(32)) {
      guest.push(0.1).run(FLDPI, FLD1);
      guest.x87.control(0x77B);
      byte[] first = SavedState.of(guest.x87);
      assertThat(SavedState.restoredInto(new X87(), first)).isEqualTo(first);
    }
  }
}
