package dev.ringzero.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DeviceBusTest {
  private final DeviceBus bus = new DeviceBus();
  private final List<String> accesses = new ArrayList<>();

  private final class Recorder implements PortDevice, MmioDevice {
    private final String name;

    Recorder(String name) {
      this.name = name;
    }

    @Override
    public long readPort(int offset, int sizeBytes) {
      return read(offset, sizeBytes);
    }

    @Override
    public void writePort(int offset, int sizeBytes, long value) {
      write(offset, sizeBytes, value);
    }

    @Override
    public long read(long offset, int sizeBytes) {
      accesses.add(name + " read " + offset + "/" + sizeBytes);
      return 0x11;
    }

    @Override
    public void write(long offset, int sizeBytes, long value) {
      accesses.add(name + " write " + offset + "/" + sizeBytes + "=" + Long.toHexString(value));
    }
  }

  @Test
  void nothingReadsAllOnesAndDropsWrites() {
    assertThat(bus.readPort(0x1234, 1)).isEqualTo(0xFF);
    assertThat(bus.readPort(0xFFFF, 4)).isEqualTo(0xFFFF_FFFFL);
    assertThat(bus.read(0x1000, 8)).isEqualTo(-1);
    assertThat(bus.claims(0x1000)).isFalse();
    bus.writePort(0xFFFF, 4, 1);
    bus.write(-8, 8, 1);
  }

  @Test
  void accessReachesTheDeviceWithItsOffsetAndWidth() {
    bus.addPorts(0x100, 8, new Recorder("ports"));
    bus.addMemory(0xF000_0000L, 0x1000, new Recorder("memory"));
    bus.readPort(0x104, 4);
    bus.write(0xF000_0FF8L, 8, 0x1234);
    assertThat(accesses).containsExactly("ports read 4/4", "memory write 4088/8=1234");
    assertThat(bus.claims(0xF000_0FFFL)).isTrue();
    assertThat(bus.claims(0xF000_1000L)).isFalse();
  }

  @Test
  void accessAcrossTheEndOfAClaimIsSplitIntoBytes() {
    bus.addPorts(0x100, 2, new Recorder("a"));
    assertThat(bus.readPort(0x101, 2)).isEqualTo(0xFF11);
    bus.addMemory(0x1000, 0x10, new Recorder("m"));
    bus.write(0x100E, 4, 0xAABB_CCDDL);
    assertThat(accesses).containsExactly("a read 1/1", "m write 14/1=dd", "m write 15/1=cc");
  }

  @Test
  void olderClaimAnswersUntilItIsRemoved() {
    DeviceBus.Claim old = bus.addMemory(0x1000, 0x100, new Recorder("old"));
    DeviceBus.Claim young = bus.addMemory(0x1080, 0x100, new Recorder("young"));
    bus.read(0x1080, 4);
    bus.read(0x1100, 4);
    old.remove();
    old.remove();
    bus.read(0x1080, 4);
    young.remove();
    assertThat(bus.claims(0x1080)).isFalse();
    assertThat(accesses).containsExactly("old read 128/4", "young read 128/4", "young read 0/4");
  }

  @Test
  void rangesOutsideTheSpacesAreRefused() {
    Recorder device = new Recorder("x");
    assertThatThrownBy(() -> bus.addPorts(0xFFFF, 2, device))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> bus.addMemory(0x1000, 0, device))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> bus.addMemory(-0x1000, 0x1000, device))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
