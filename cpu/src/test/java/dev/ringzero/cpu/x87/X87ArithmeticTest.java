package dev.ringzero.cpu.x87;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class X87ArithmeticTest {
  private static final String DIVIDE = "DE F9"; // FDIVP ST(1), ST(0)

  private final X87Fixture guest = new X87Fixture(32);

  @AfterEach
  void close() {
    guest.close();
  }

  private long significand() {
    return guest.x87.significand[guest.x87.top];
  }

  @Test
  void aThirdHas64Bits() {
    guest.push(1).push(3).run(DIVIDE);
    assertThat(significand()).isEqualTo(0xAAAA_AAAA_AAAA_AAABL);
    assertThat(guest.x87.statusWord & 0x220).isEqualTo(0x220); // PE, and C1: rounded up
  }

  @Test
  void precisionControlShortensTheSignificand() {
    guest.x87.control(0x27F);
    guest.push(1).push(3).run(DIVIDE);
    assertThat(significand()).isEqualTo(0xAAAA_AAAA_AAAA_A800L);
    guest.x87.control(0x07F);
    guest.push(1).push(3).run(DIVIDE);
    assertThat(significand()).isEqualTo(0xAAAA_AB00_0000_0000L);
  }

  @Test
  void roundingControlChoosesTheNeighbour() {
    guest.x87.control(0xF7F); // toward zero
    guest.push(1).push(3).run(DIVIDE);
    assertThat(significand()).isEqualTo(0xAAAA_AAAA_AAAA_AAAAL);
    assertThat(guest.x87.statusWord & 0x220).isEqualTo(0x20);
  }

  @Test
  void squareRootOfTwo() {
    guest.push(2).run("D9 FA");
    assertThat(significand()).isEqualTo(0xB504_F333_F9DE_6484L);
  }

  @Test
  void remainderOfADistantDividendIsPartial() {
    guest.push(3).push(0x1p100).run("D9 F8"); // FPREM
    assertThat(guest.x87.statusWord & 0x400).isEqualTo(0x400);
    while ((guest.x87.statusWord & 0x400) != 0) {
      guest.run("D9 F8");
    }
    assertThat(guest.top()).isEqualTo(1.0); // 2^100 = 3 k + 1
  }

  @Test
  void packedDecimalsGoThereAndBack() {
    guest.push(-123_456_789_012_345_678.0).run("DF 33", "DF 23"); // FBSTP, FBLD
    assertThat(guest.top()).isEqualTo(-123_456_789_012_345_678.0);
  }

  @Test
  void integerOutOfRangeIsIndefinite() {
    guest.push(1e10).run("DB 1B"); // FISTP m32
    assertThat(guest.memory.read32(X87Fixture.DATA)).isEqualTo(0x8000_0000L);
    assertThat(guest.x87.statusWord & 1).isEqualTo(1);
  }

  @Test
  void transcendentalsAgreeWithTheLibrary() {
    assertThat(guest.push(1.25).run("D9 FE").top()).isCloseTo(Math.sin(1.25), within(1e-16));
    assertThat(guest.push(-20).run("D9 FF").top()).isCloseTo(Math.cos(-20), within(1e-15));
    assertThat(guest.push(1).push(0.5).run("D9 F3").top())
        .isCloseTo(Math.atan2(1, 0.5), within(3e-16));
    assertThat(guest.push(0.3).run("D9 F0").top()).isCloseTo(Math.pow(2, 0.3) - 1, within(2e-16));
    guest.run("DB E3");
    assertThat(guest.push(1).push(10).run("D9 F1").top())
        .isCloseTo(Math.log(10) / Math.log(2), within(1e-15));
  }

  @Test
  void hugeAnglesAreLeftAlone() {
    guest.push(0x1p63).run("D9 FE");
    assertThat(guest.x87.statusWord & 0x400).isEqualTo(0x400);
    assertThat(guest.top()).isEqualTo(0x1p63);
  }

  @Test
  void mmxWritesAliasTheSignificandAndFillTheStack() {
    guest.cpu.gpr[0] = 0x1234_5678L;
    guest.run("0F 6E D8"); // MOVD MM3, EAX
    assertThat(guest.x87.significand[3]).isEqualTo(0x1234_5678L);
    assertThat(guest.x87.signExponent[3]).isEqualTo(0xFFFF);
    assertThat(guest.x87.occupied).isEqualTo(0xFF);
    guest.run("0F 77"); // EMMS
    assertThat(guest.x87.occupied).isZero();
  }
}
