package dev.ringzero.cpu.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.Flags;
import dev.ringzero.engine.state.StateReader;
import dev.ringzero.engine.state.StateWriter;
import dev.ringzero.x86.Rflags;
import org.junit.jupiter.api.Test;

/** Intel SDM Vol. 3A, "Processor State After Reset". */
class ProcessorResetTest {
  @Test
  void resetStartsAtTheResetVectorInRealMode() {
    try (SystemFixture f = SystemFixture.longMode()) {
      ProcessorReset.reset(f.cpu, false, 0x606A6);
      Cpu cpu = f.cpu;
      assertThat(cpu.segmentBase[Cpu.CS] + cpu.rip).isEqualTo(0xFFFF_FFF0L);
      assertThat(cpu.selector[Cpu.CS]).isEqualTo(0xF000);
      assertThat(cpu.cr0).isEqualTo(0x6000_0010L);
      assertThat(cpu.cr4).isZero();
      assertThat(cpu.efer).isZero();
      assertThat(cpu.codeSize).isEqualTo(16);
      assertThat(cpu.gpr[Cpu.RDX]).isEqualTo(0x606A6);
      assertThat(Flags.read(cpu)).isEqualTo(Rflags.FIXED);
      assertThat(cpu.dr[6]).isEqualTo(0xFFFF_0FF0L);
      assertThat(cpu.dr[7]).isEqualTo(0x400);
      assertThat(cpu.system.idtrLimit).isEqualTo(0xFFFF);
      assertThat(cpu.system.pat).isEqualTo(0x0007_0406_0007_0406L);
    }
  }

  @Test
  void initKeepsModelSpecificRegistersAndCacheControl() {
    try (SystemFixture f = SystemFixture.longMode()) {
      f.cpu.system.pat = 0x0606_0606_0606_0606L;
      f.cpu.mxcsr = 0x1F00;
      ProcessorReset.reset(f.cpu, true, 0x606A6);
      assertThat(f.cpu.cr0).isEqualTo(0x10);
      assertThat(f.cpu.system.pat).isEqualTo(0x0606_0606_0606_0606L);
      assertThat(f.cpu.mxcsr).isEqualTo(0x1F00);
    }
  }

  @Test
  void startupBeginsAtThePageOfItsVector() {
    try (SystemFixture f = SystemFixture.longMode()) {
      ProcessorReset.reset(f.cpu, true, 0);
      ProcessorReset.startup(f.cpu, 0x9A);
      assertThat(f.cpu.selector[Cpu.CS]).isEqualTo(0x9A00);
      assertThat(f.cpu.segmentBase[Cpu.CS]).isEqualTo(0x9_A000);
      assertThat(f.cpu.rip).isZero();
    }
  }

  @Test
  void savedStateSurvivesRestoreToTheByte() {
    try (SystemFixture f = SystemFixture.longMode();
        SystemFixture g = SystemFixture.longMode()) {
      SystemRegisters system = f.cpu.system;
      system.lstar = 0x1234;
      system.interruptShadow = true;
      system.memoryTypes.fixed[3] = 6;
      system.machineCheck[4] = 1;
      system.pend(14, Events.Kind.EXCEPTION, true, 2);
      byte[] saved = saved(system);
      g.cpu.system.restore(new StateReader(saved), system.stateVersion());
      assertThat(saved(g.cpu.system)).isEqualTo(saved);
      assertThat(g.cpu.system.eventPending()).isTrue();
    }
  }

  private static byte[] saved(SystemRegisters system) {
    StateWriter out = new StateWriter();
    system.save(out);
    return out.toByteArray();
  }
}
