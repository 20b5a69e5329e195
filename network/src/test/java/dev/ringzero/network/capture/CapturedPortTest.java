package dev.ringzero.network.capture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.engine.wire.Packet;
import dev.ringzero.network.frame.BigEndian;
import dev.ringzero.network.frame.Ethernet;
import dev.ringzero.network.frame.InternetChecksum;
import dev.ringzero.network.switching.Switch;
import dev.ringzero.network.switching.VlanMode;
import dev.ringzero.testkit.FakeClock;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

final class CapturedPortTest {
  private final FakeClock clock = new FakeClock();
  private final CapturedPort port =
      new CapturedPort(new Switch(clock, 100).open("eth0", new VlanMode.Access(1)));
  private final ByteArrayOutputStream file = new ByteArrayOutputStream();

  private CapturedPort.Observer into(PcapngWriter writer) {
    return (direction, packet) -> {
      try {
        writer.write(direction, 5_000_000_007L, packet);
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    };
  }

  @Test
  void framesAreBlocksWithTheirTimeAndDirection() throws IOException {
    CapturedPort.Observer observer = into(new PcapngWriter(file, "eth0"));
    port.observe(observer);
    port.send(Packet.take(61));
    port.forget(observer);
    port.send(Packet.take(61));

    ByteBuffer blocks = ByteBuffer.wrap(file.toByteArray()).order(ByteOrder.LITTLE_ENDIAN);
    assertThat(skip(blocks)).isEqualTo(0x0A0D_0D0A);
    assertThat(skip(blocks)).isEqualTo(1);
    int packet = blocks.position();
    assertThat(skip(blocks)).isEqualTo(6);
    assertThat(blocks.hasRemaining()).isFalse();
    long nanos = (long) blocks.getInt(packet + 12) << 32 | blocks.getInt(packet + 16) & 0xFFFFFFFFL;
    assertThat(nanos).isEqualTo(5_000_000_007L);
    assertThat(blocks.getInt(packet + 20)).isEqualTo(61);
    assertThat(blocks.getInt(packet + 28 + 64 + 4)).isEqualTo(2);
  }

  @Test
  void aChecksumThatIsOnlyBegunIsFinishedInTheFileAlone() throws IOException {
    port.observe(into(new PcapngWriter(file, "eth0")));
    Packet packet = Packet.take(62);
    packet.bytes()[Packet.FRAME + 40] = 0x12;
    packet.beginChecksum(34, 6);
    port.send(packet.retain());
    byte[] all = file.toByteArray();
    int frame = all.length - 4 - 4 - 8 - 64;
    long sum = InternetChecksum.sum(0, all, frame + 34, 62 - 34);
    assertThat(BigEndian.get16(all, frame + 40)).isNotEqualTo(0x1200);
    assertThat(packet.bytes()[Packet.FRAME + 40]).isEqualTo((byte) 0x12);
    assertThat(InternetChecksum.of(sum - 0x1200)).isNotZero();
  }

  @Test
  void eachFrameIsALine() throws IOException {
    port.observe(into(new PcapngWriter(file, "eth0")));
    Packet packet = Packet.take(60);
    BigEndian.put48(packet.bytes(), Packet.FRAME + Ethernet.SOURCE, 0x52_5A_00_00_00_01L);
    BigEndian.put16(packet.bytes(), Packet.FRAME + Ethernet.TYPE, 0x88CC);
    port.send(packet);
    PcapngReader reader = new PcapngReader(new ByteArrayInputStream(file.toByteArray()));
    assertThat(reader.nextLine())
        .endsWith(" > 52:5a:00:00:00:01 > 00:00:00:00:00:00 type 88cc length 60");
    assertThat(reader.nextLine()).isNull();
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
