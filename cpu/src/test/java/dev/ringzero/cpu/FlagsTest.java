package dev.ringzero.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.x86.Rflags;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FlagsTest {
  private static final long[] FLAGS = {
    Rflags.CF, Rflags.PF, Rflags.AF, Rflags.ZF, Rflags.SF, Rflags.OF
  };

  private final Cpu cpu = new Cpu();

  @Test
  void everyCombinationOfStatusFlagsCanBeSet() {
    for (int bits = 0; bits < 64; bits++) {
      long flags = pick(bits);
      Flags.status(cpu, flags);
      assertThat(Flags.status(cpu)).isEqualTo(flags);
    }
  }

  private static long pick(int bits) {
    long flags = 0;
    for (int n = 0; n < FLAGS.length; n++) {
      flags |= (bits >> n & 1) != 0 ? FLAGS[n] : 0;
    }
    return flags;
  }

  @Test
  void oneFlagChangesWithoutTheOthers() {
    for (int bits = 0; bits < 64; bits++) {
      for (long flag : FLAGS) {
        Flags.status(cpu, pick(bits));
        Flags.status(cpu, flag, flag);
        assertThat(Flags.status(cpu)).isEqualTo(pick(bits) | flag);
        Flags.carry(cpu, false);
        assertThat(Flags.status(cpu)).isEqualTo((pick(bits) | flag) & ~Rflags.CF);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {8, 16, 32, 64})
  void conditionsFollowTheFlagsThatTheManualNames(int width) {
    long top = 1L << width - 1;
    Flags.subtract(cpu, width, top, 1, top - 1);
    assertThat(Flags.condition(cpu, 0)).as("overflow").isTrue();
    assertThat(Flags.condition(cpu, 2)).as("below").isFalse();
    assertThat(Flags.condition(cpu, 12)).as("less").isTrue();
    assertThat(Flags.condition(cpu, 15)).as("greater").isFalse();
  }

  @Test
  void conditionsAgreeWithTheirNegation() {
    for (int bits = 0; bits < 64; bits++) {
      Flags.status(cpu, pick(bits));
      for (int code = 0; code < 16; code += 2) {
        assertThat(Flags.condition(cpu, code)).isNotEqualTo(Flags.condition(cpu, code + 1));
      }
    }
  }

  @Test
  void systemFlagsAreKeptApartFromStatusFlags() {
    Flags.write(cpu, Rflags.IF | Rflags.ZF);
    assertThat(Flags.read(cpu)).isEqualTo(Rflags.IF | Rflags.ZF | Rflags.FIXED);
    Flags.logical(cpu, 32, 1);
    assertThat(Flags.read(cpu)).isEqualTo(Rflags.IF | Rflags.FIXED);
  }
}
