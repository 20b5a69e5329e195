package dev.ringzero.vmm.cpuid;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringzero.cpu.SemanticsTable;
import dev.ringzero.cpu.SoftwareEngine;
import dev.ringzero.engine.InterruptSource;
import dev.ringzero.engine.Register;
import dev.ringzero.engine.VirtualCpu;
import dev.ringzero.memory.DeviceBus;
import dev.ringzero.memory.FrameMemory;
import dev.ringzero.memory.FramePool;
import dev.ringzero.memory.RamRange;
import dev.ringzero.testkit.FakeClock;
import dev.ringzero.x86.Cr4;
import dev.ringzero.x86.instruction.InstructionForm;
import dev.ringzero.x86.instruction.InstructionTable;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Intel SDM Vol. 2A, "CPUID". */
class CpuidTest {
  private static final int CPUS = 6;

  private FrameMemory memory;
  private SoftwareEngine engine;
  private VirtualCpu cpu;
  private Cpuid cpuid = cpuid(CpuModel.DEFAULT);

  @BeforeEach
  void start() {
    memory = new FrameMemory(FramePool.host(), List.of(new RamRange(0, 2L << 20)));
    engine = new SoftwareEngine(memory, new FakeClock(), bytes -> {});
    cpu = engine.createCpu(5, InterruptSource.NONE, new DeviceBus());
  }

  @AfterEach
  void end() {
    engine.close();
    memory.close();
  }

  private static Cpuid cpuid(CpuModel model) {
    return new Cpuid(model, CPUS, 2_500_000_000L, 1_000_000_000L);
  }

  private int[] ask(int leaf, int subleaf) {
    cpu.register(Register.RAX, leaf & 0xFFFF_FFFFL);
    cpu.register(Register.RCX, subleaf & 0xFFFF_FFFFL);
    cpuid.execute(cpu);
    return new int[] {
      (int) cpu.register(Register.RAX),
      (int) cpu.register(Register.RBX),
      (int) cpu.register(Register.RCX),
      (int) cpu.register(Register.RDX)
    };
  }

  private static String text(int... words) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * words.length).order(ByteOrder.LITTLE_ENDIAN);
    for (int word : words) {
      bytes.putInt(word);
    }
    return new String(bytes.array(), StandardCharsets.US_ASCII).replace("\0", "");
  }

  @Test
  void everyPromisedInstructionIsImplemented() {
    for (InstructionForm form : InstructionTable.forms()) {
      assertThat(!promised(form) || SemanticsTable.implemented(form)).as(form.toString()).isTrue();
    }
  }

  /** RSM has no mode to return from: it is undefined outside system management mode. */
  private static boolean promised(InstructionForm form) {
    return form.feature.isEmpty()
        ? !form.meaning.equals("RSM")
        : CpuFeature.named(form.feature).filter(CpuModel.DEFAULT::has).isPresent();
  }

  @Test
  void whatSoftwareHasSwitchedOffIsNotPromised() {
    assertThat(ask(0, 0)[0]).isEqualTo(0x16);
    assertThat(ask(0x8000_0001, 0)[3] & 1 << 20).as("NX").isNotZero();
    cpu.msr(0x1A0, cpu.msr(0x1A0) | 1L << 34 | 1 << 22);
    assertThat(ask(0, 0)[0]).as("leaves").isEqualTo(2);
    assertThat(ask(0x8000_0001, 0)[3] & 1 << 20).as("NX").isZero();
    cpu.register(Register.RAX, 1);
    cpuid.execute(cpu, false);
    assertThat(cpu.register(Register.RDX) & 1 << 9).as("APIC").isZero();
  }

  @Test
  void vendorAndBrandAreText() {
    int[] vendor = ask(0, 0);
    assertThat(text(vendor[1], vendor[3], vendor[2])).isEqualTo("GenuineIntel");
    StringBuilder brand = new StringBuilder();
    for (int part = 0; part < 3; part++) {
      brand.append(text(ask(0x8000_0002 + part, 0)));
    }
    assertThat(brand).hasToString("RingZero Virtual Processor");
  }

  @Test
  void stateEnabledBitFollowsTheControlRegister() {
    assertThat(ask(1, 0)[2] & 1 << 27).isZero();
    cpu.register(Register.CR4, Cr4.OSXSAVE);
    assertThat(ask(1, 0)[2] & 1 << 27).isNotZero();
  }

  @Test
  void topologyTellsCoresOfOnePackage() {
    int[] version = ask(1, 0);
    assertThat(version[1] >>> 24).isEqualTo(5);
    assertThat(version[1] >>> 16 & 0xFF).isEqualTo(8);
    assertThat(ask(0xB, 0)).containsExactly(0, 1, 0x100, 5);
    assertThat(ask(0xB, 1)).containsExactly(3, CPUS, 0x201, 5);
    assertThat(ask(0xB, 2)).containsExactly(0, 0, 2, 5);
  }

  @Test
  void extendedStateSizesFollowTheEnabledComponents() {
    assertThat(ask(0xD, 0)).containsExactly(7, 576, 832, 0);
    cpu.register(Register.XCR0, 7);
    assertThat(ask(0xD, 0)[1]).isEqualTo(832);
    assertThat(ask(0xD, 2)).containsExactly(256, 576, 0, 0);
  }

  @Test
  void timeStampFrequencyIsTheCrystalTimesARatio() {
    assertThat(ask(0x15, 0)).containsExactly(2, 5, 1_000_000_000, 0);
    assertThat(ask(0x16, 0)[0]).isEqualTo(2500);
  }

  @Test
  void hypervisorLeafNamesTheMonitor() {
    int[] answer = ask(0x4000_0000, 0);
    assertThat(text(answer[1], answer[2], answer[3])).isEqualTo("RingZeroRZVM");
  }

  @Test
  void leafBeyondTheLastAnswersAsTheLast() {
    assertThat(ask(0x99, 0)).isEqualTo(ask(0x16, 0));
  }

  @ParameterizedTest
  @CsvSource({
    "7, 0, 1, 5, AVX2",
    "1, 0, 2, 28, AVX",
    "80000001, 0, 3, 26, PDPE1GB",
    "80000007, 0, 3, 8, INVARIANT_TSC",
    "D, 1, 0, 3, XSAVES",
    "6, 0, 0, 2, ARAT"
  })
  void featureIsToldByItsBitUntilItIsSwitchedOff(
      String leaf, int subleaf, int output, int bit, CpuFeature feature) {
    int number = Integer.parseUnsignedInt(leaf, 16);
    assertThat(ask(number, subleaf)[output] >>> bit & 1).isEqualTo(1);
    cpuid = cpuid(CpuModel.DEFAULT.without(feature));
    assertThat(ask(number, subleaf)[output] >>> bit & 1).isZero();
  }

  @Test
  void whatNeedsAFeatureGoesWithIt() {
    CpuModel model = CpuModel.DEFAULT.without(CpuFeature.XSAVE);
    assertThat(model.features())
        .doesNotContain(CpuFeature.AVX, CpuFeature.AVX2, CpuFeature.FMA, CpuFeature.XSAVES);
    assertThat(model.has(CpuFeature.SSE4_2)).isTrue();
  }

  @Test
  void featuresAreFoundByNameInAnySpelling() {
    assertThat(CpuFeature.named("sse4.1")).contains(CpuFeature.SSE4_1);
    assertThat(CpuFeature.named("tsc-deadline")).contains(CpuFeature.TSC_DEADLINE);
    assertThat(CpuFeature.named("warp")).isEmpty();
  }

  @Test
  void vendorMustHaveTwelveCharacters() {
    assertThat(CpuModel.DEFAULT.withVendor("AuthenticAMD").vendor()).isEqualTo("AuthenticAMD");
    assertThatThrownBy(() -> CpuModel.DEFAULT.withVendor("Intel"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
