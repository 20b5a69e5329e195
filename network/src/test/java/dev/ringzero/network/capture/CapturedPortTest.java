package dev.ringzero.network.capture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.network.Port;
import dev.ringzero.network.switching.Switch;
import dev.ringzero.network.switching.VlanMode;
import dev.ringzero.testkit.FakeClock;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

final class CapturedPortTest {
  @Test
  void framesAreBlocksWithTheirTimeAndDirection() throws IOException {
    FakeClock clock = new FakeClock();
    Switch lan = new Switch(clock, 100);
    CapturedPort port = new CapturedPort(lan.open("eth0", new VlanMode.Access(1)), clock);
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    port.capture(new PcapngWriter(file, "eth0"));
    byte[] frame = new byte[61];
    port.send(frame, 0, frame.length);
    port.capture(null);
    port.send(frame, 0, frame.length);

    ByteBuffer blocks = ByteBuffer.wrap(file.toByteArray()).order(ByteOrder.LITTLE_ENDIAN);
    assertThat(skip(blocks)).isEqualTo(0x0A0D_0D0A);
    assertThat(skip(blocks)).isEqualTo(1);
    int packet = blocks.position();
    assertThat(skip(blocks)).isEqualTo(6);
    assertThat(blocks.hasRemaining()).isFalse();
    long nanos = (long) blocks.getInt(packet + 12) << 32 | blocks.getInt(packet + 16) & 0xFFFFFFFFL;
    assertThat(nanos).isEqualTo(clock.wallTime().getEpochSecond() * 1_000_000_000L);
    assertThat(blocks.getInt(packet + 20)).isEqualTo(61);
    assertThat(blocks.getInt(packet + 28 + 64 + 4)).isEqualTo(2);
    assertThat(Port.MOST_FRAME_BYTES).isLessThan(1 << 14);
  }

  /** Passes over a block whose lengths agree, and returns its type. */
  private static int skip(ByteBuffer blocks) {
    int start = blocks.position();
    int length = blocks.getInt(start + 4);
    assertThat(blocks.getInt(start + length - 4)).isEqualTo(length);
    blocks.position(start + length);
    return blocks.getInt(start);
  }
}
