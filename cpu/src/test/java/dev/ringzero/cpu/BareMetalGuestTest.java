package dev.ringzero.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.memory.FrameMemory;
import dev.ringzero.memory.GuestMemory;
import dev.ringzero.testkit.FakeClock;
import dev.ringzero.testkit.guest.BareMetalGuest;
import dev.ringzero.testkit.guest.BareMetalMachine;
import dev.ringzero.testkit.guest.BareMetalRam;
import dev.ringzero.x86.Ept;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BareMetalGuestTest {
  private record Ram(FrameMemory memory) implements BareMetalRam {
    @Override
    public void write(long gpa, byte[] source) {
      memory.write(gpa, source);
    }

    @Override
    public long read64(long gpa) {
      return memory.read64(gpa);
    }

    @Override
    public boolean touch(long gpa) {
      return memory.touch(gpa, Ept.RIGHTS) == GuestMemory.Outcome.MAPPED;
    }
  }

  @ParameterizedTest
  @EnumSource
  void guestDoesWhatTheArchitectureSays(BareMetalGuest guest) {
    try (FrameMemory memory = FrameMemory.ofPc(2 << 20);
        SoftwareEngine engine = new SoftwareEngine(memory, new FakeClock(), bytes -> {})) {
      BareMetalMachine machine = new BareMetalMachine(engine, new Ram(memory));
      assertThat(machine.run(guest)).isEqualTo(guest.expectation());
    }
  }
}
