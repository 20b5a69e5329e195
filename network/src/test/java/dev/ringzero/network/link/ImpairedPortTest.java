package dev.ringzero.network.link;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.engine.wire.Packet;
import dev.ringzero.network.Port;
import dev.ringzero.network.switching.Switch;
import dev.ringzero.network.switching.VlanMode;
import dev.ringzero.testkit.FakeClock;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class ImpairedPortTest {
  private static final long MILLI = 1_000_000;

  private final FakeClock clock = new FakeClock();
  private final Random random = new Random(3);
  private final Switch lan = new Switch(clock, 1_000_000);
  private final Port far = lan.open("far", new VlanMode.Access(1));
  private final ImpairedPort near =
      new ImpairedPort(lan.open("near", new VlanMode.Access(1)), clock, random::nextBytes);

  private void send(Port port, int frames) {
    byte[] frame = new byte[1000];
    frame[11] = (byte) (port == near ? 1 : 2);
    for (int i = 0; i < frames; i++) {
      port.send(Packet.of(frame, 0, frame.length));
    }
  }

  private int received(Port port) {
    int count = 0;
    for (Packet packet = port.receive(); packet != null; packet = port.receive()) {
      packet.release();
      count++;
    }
    return count;
  }

  @Test
  void delayHoldsFramesInBothDirections() {
    near.impair(new Impairments(20 * MILLI, 0, 0, 0, false));
    send(near, 2);
    send(far, 3);
    clock.advance(19 * MILLI);
    assertThat(received(far) + received(near)).isZero();
    clock.advance(MILLI);
    assertThat(received(far)).isEqualTo(2);
    assertThat(received(near)).isEqualTo(3);
  }

  @Test
  void rateLetsOneFrameThroughAtATime() {
    near.impair(new Impairments(0, 0, 0, 8_000_000, false));
    send(near, 10);
    clock.advance(4 * MILLI);
    assertThat(received(far)).isEqualTo(4);
    clock.advance(6 * MILLI);
    assertThat(received(far)).isEqualTo(6);
  }

  @Test
  void lossTakesItsShare() {
    near.impair(new Impairments(0, 0, 0.25, 0, false));
    int through = 0;
    for (int i = 0; i < 1000; i++) {
      send(near, 1);
      through += received(far);
    }
    assertThat(through).isBetween(690, 810);
    assertThat(near.losses()).isEqualTo(1000 - through);
  }

  @Test
  void nothingPassesALineThatIsCut() {
    near.impair(new Impairments(0, 0, 0, 0, true));
    send(near, 3);
    assertThat(received(far)).isZero();
    near.impair(Impairments.NONE);
    send(near, 3);
    assertThat(received(far)).isEqualTo(3);
  }

  @Test
  void aSlowLineQueuesAQuarterOfASecondAndNoMore() {
    near.impair(new Impairments(0, 0, 0, 8_000_000, false));
    send(near, 1000);
    clock.advance(1000 * MILLI);
    assertThat(received(far)).isBetween(250, 252);
    assertThat(near.losses()).isBetween(748L, 750L);
  }

  @Test
  void aLineThatIsPulledIsSeenByTheCard() {
    List<Boolean> seen = new ArrayList<>();
    near.onCarrier(seen::add);
    near.impair(new Impairments(0, 0, 0, 0, true));
    near.impair(Impairments.NONE);
    assertThat(seen).containsExactly(true, false, true);
  }
}
