package dev.ringzero.cpu.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.x86.Cr4;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Intel SDM Vol. 4, "Architectural MSRs". */
class ModelSpecificRegistersTest {
  private SystemFixture f;

  @BeforeEach
  void start() {
    f = SystemFixture.longMode();
  }

  @AfterEach
  void end() {
    f.close();
  }

  private String write(long index, long value) {
    f.cpu.gpr[Cpu.RCX] = index;
    f.cpu.gpr[Cpu.RAX] = value & 0xFFFF_FFFFL;
    f.cpu.gpr[Cpu.RDX] = value >>> 32;
    return f.outcome("0F 30");
  }

  private long read(long index) {
    f.cpu.gpr[Cpu.RCX] = index;
    assertThat(f.outcome("0F 32")).isEmpty();
    return f.cpu.gpr[Cpu.RDX] << 32 | f.cpu.gpr[Cpu.RAX];
  }

  @ParameterizedTest
  @CsvSource({
    "C0000082, FFFFFFFF81000000",
    "C0000081, 0023001000000000",
    "C0000084, 47700",
    "C0000100, 7FFFFFFFF000",
    "C0000101, FFFF888000000000",
    "C0000102, 1000",
    "C0000103, 12",
    "174, 10",
    "176, FFFFFFFF81000000",
    "277, 407050600070106",
    "2FF, C06",
    "200, 80000006",
    "201, 3FFF80000800",
    "250, 606060606060606",
    "48, 1",
    "400, FFFFFFFFFFFFFFFF",
  })
  void valuesAreKept(String index, String value) {
    long wanted = Long.parseUnsignedLong(value, 16);
    assertThat(write(Long.parseLong(index, 16), wanted)).isEmpty();
    assertThat(read(Long.parseLong(index, 16))).isEqualTo(wanted);
  }

  @ParameterizedTest
  @CsvSource({
    "C0000080, 1002", // reserved bit of EFER
    "C0000080, 1101", // SVME, which this processor has not
    "C0000082, 800000000000", // not canonical
    "C0000100, 800000000000",
    "C0000103, 100000000",
    "C0000084, 100000000",
    "277, 2", // reserved memory type
    "277, 100000000000008",
    "2FF, 3",
    "2FF, 1000",
    "201, 400000000000", // beyond the physical addresses
    "250, 3",
    "FE, 0", // read only
    "10A, 0",
    "1D9, 4",
    "DA0, 1",
    "48, 8",
    "49, 2",
    "401, 1",
  })
  void valuesThatCannotBeTakenFault(String index, String value) {
    assertThat(write(Long.parseLong(index, 16), Long.parseUnsignedLong(value, 16)))
        .isEqualTo("#GP(0)");
  }

  @ParameterizedTest
  @ValueSource(longs = {0x1B, 0x6E0, 0x802, 0x4000_0000L, 0x1234_5678L})
  void registersOfTheBoardGoToTheMonitor(long index) {
    f.cpu.gpr[Cpu.RCX] = index;
    assertThat(f.outcome("0F 32")).isEqualTo("RDMSR");
    assertThat(f.cpu.exit.qualification).isEqualTo(index);
    assertThat(write(index, 0)).isEqualTo("WRMSR");
  }

  @Test
  void timeStampCounterFollowsTheClockAndItsAdjustment() {
    assertThat(read(0x10)).isEqualTo(f.time);
    write(0x10, 5000);
    assertThat(read(0x10)).isEqualTo(5000);
    assertThat(read(0x3B)).isEqualTo(5000 - f.time);
    write(0x3B, 0);
    f.time += 7;
    f.execute("0F 31");
    assertThat(f.cpu.gpr[Cpu.RAX]).isEqualTo(f.time);
  }

  @Test
  void timeStampCanBeKeptFromUsers() {
    f.user(SystemFixture.USER_CODE_64);
    assertThat(f.outcome("0F 31")).isEmpty();
    f.cpu.cr4 |= Cr4.TSD;
    assertThat(f.outcome("0F 31")).isEqualTo("#GP(0)");
    assertThat(f.outcome("0F 01 F9")).isEqualTo("#GP(0)");
  }

  @Test
  void enableRegisterKeepsItsFixedBits() {
    assertThat(write(0x1A0, 0x1801 & ~1)).isEmpty();
    assertThat(read(0x1A0)).isEqualTo(0x1800);
    assertThat(write(0x1A0, 1L << 35)).isEqualTo("#GP(0)");
    assertThat(write(0x1A0, 1L << 34 | 1 << 22)).as("XD off, few leaves").isEmpty();
    assertThat(read(0x1A0)).isEqualTo(1L << 34 | 1 << 22 | 0x1800);
  }

  @Test
  void machineCheckBanksTakeWhatTheirRegistersCanHold() {
    assertThat(write(0x400, -1)).isEmpty();
    assertThat(write(0x400, 1)).as("control is all or nothing").isEqualTo("#GP(0)");
    assertThat(write(0x401, 1)).as("status is only cleared").isEqualTo("#GP(0)");
    assertThat(write(0x402, 0xAAAA_AAAA_AAAA_AAAAL)).as("address").isEmpty();
    assertThat(read(0x402)).isEqualTo(0xAAAA_AAAA_AAAA_AAAAL);
  }

  @Test
  void monitorSetsWhatGuestsOnlyRead() {
    ModelSpecificRegisters.force(f.cpu, 0x10A, 3);
    assertThat(read(0x10A)).isEqualTo(3);
  }
}
