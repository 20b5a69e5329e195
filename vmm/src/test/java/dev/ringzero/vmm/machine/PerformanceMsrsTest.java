package dev.ringzero.vmm.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringzero.engine.VirtualCpu;
import dev.ringzero.vmm.machine.MsrBus.InvalidMsrAccess;
import org.junit.jupiter.api.Test;

final class PerformanceMsrsTest {
  private final MsrBus msrs =
      new PerformanceMsrs(
          new MsrBus() {
            @Override
            public long read(VirtualCpu cpu, int index) {
              throw new InvalidMsrAccess();
            }

            @Override
            public void write(VirtualCpu cpu, int index, long value) {
              throw new InvalidMsrAccess();
            }
          });

  @Test
  void countersAreThereAndCountNothing() {
    msrs.write(null, 0xC001_0000, -1);
    assertThat(msrs.read(null, 0xC001_0000)).isZero();
    assertThat(msrs.read(null, 0xC001_0007)).isZero();
  }

  @Test
  void allElseIsSomebodyElses() {
    assertThatThrownBy(() -> msrs.read(null, 0xC001_0008)).isInstanceOf(InvalidMsrAccess.class);
    assertThatThrownBy(() -> msrs.write(null, 0xC000_FFFF, 0))
        .isInstanceOf(InvalidMsrAccess.class);
  }
}
