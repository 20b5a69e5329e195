package dev.ringzero.network.switching;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.engine.wire.Packet;
import dev.ringzero.network.Cable;
import dev.ringzero.network.Port;
import dev.ringzero.network.frame.BigEndian;
import dev.ringzero.network.frame.Ethernet;
import dev.ringzero.testkit.FakeClock;
import java.util.Arrays;
import java.util.BitSet;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

final class SwitchTest {
  private static final long A = 0x02_00_00_00_00_0AL;
  private static final long B = 0x02_00_00_00_00_0BL;
  private static final VlanMode ONE = new VlanMode.Access(1);

  private final FakeClock clock = new FakeClock();
  private final Switch lan = new Switch(clock, 100);
  private final SwitchPort a = lan.open("a", ONE);
  private final SwitchPort b = lan.open("b", ONE);
  private final SwitchPort c = lan.open("c", ONE);

  private static byte[] frame(long to, long from) {
    byte[] frame = new byte[60];
    BigEndian.put48(frame, Ethernet.DESTINATION, to);
    BigEndian.put48(frame, Ethernet.SOURCE, from);
    BigEndian.put16(frame, Ethernet.TYPE, Ethernet.IPV4);
    return frame;
  }

  private static void send(Port port, byte[] frame) {
    port.send(Packet.of(frame, 0, frame.length));
  }

  private static byte[] next(Port port) {
    return content(port);
  }

  private static byte[] content(Port port) {
    Packet packet = port.receive();
    return packet == null
        ? new byte[0]
        : Arrays.copyOfRange(packet.bytes(), Packet.FRAME, Packet.FRAME + packet.length());
  }

  @Test
  void unknownDestinationGoesToAllOthersAndAKnownOneToItsPort() {
    send(a, frame(B, A));
    assertThat(next(a)).isEmpty();
    assertThat(content(b)).isEqualTo(frame(B, A));
    assertThat(content(c)).isEqualTo(frame(B, A));
    send(b, frame(A, B));
    assertThat(content(a)).isEqualTo(frame(A, B));
    assertThat(next(c)).isEmpty();
  }

  @Test
  void cardThatIsKeptToItsAddressSendsFromNoOther() {
    SwitchPort kept = lan.open("kept", ONE, OptionalLong.of(B)).keepToAddress();
    send(kept, frame(A, A));
    assertThat(next(a)).isEmpty();
    assertThat(kept.refusals()).isEqualTo(1);
    send(kept, frame(A, B));
    assertThat(next(a)).isEqualTo(frame(A, B));
  }

  @Test
  void cardThatIsKeptToItsAddressHearsNothingThatGoesToOthers() {
    SwitchPort kept = lan.open("kept", ONE, OptionalLong.of(B)).keepToAddress();
    send(a, frame(0x02_00_00_00_00_0CL, A));
    assertThat(next(kept)).isEmpty();
    send(a, frame(B, A));
    assertThat(next(kept)).isEqualTo(frame(B, A));
    send(a, frame(0xFFFF_FFFF_FFFFL, A));
    assertThat(next(kept)).hasSize(60);
  }

  @Test
  void addressesAreForgottenAfterFiveMinutes() {
    send(b, frame(A, B));
    next(c);
    clock.advance(301_000_000_000L);
    send(a, frame(B, A));
    assertThat(next(c)).hasSize(60);
  }

  @Test
  void otherVlansHearNothingAndTrunksHearItWithATag() {
    BitSet allowed = new BitSet();
    allowed.set(1);
    SwitchPort trunk = lan.open("trunk", new VlanMode.Trunk(allowed));
    SwitchPort other = lan.open("other", new VlanMode.Access(2));
    send(a, frame(B, A));
    assertThat(next(other)).isEmpty();
    byte[] tagged = content(trunk);
    assertThat(tagged).hasSize(64);
    assertThat(BigEndian.get32(tagged, Ethernet.TAG)).isEqualTo(0x8100_0001);
    BigEndian.put48(tagged, Ethernet.SOURCE, B);
    BigEndian.put48(tagged, Ethernet.DESTINATION, A);
    send(trunk, tagged);
    assertThat(content(a)).isEqualTo(frame(A, B));
    BigEndian.put16(tagged, Ethernet.TAG + 2, 2);
    send(trunk, tagged);
    assertThat(trunk.refusals()).isEqualTo(1);
  }

  @Test
  void floodsAboveTheLimitAreRefusedUntilTheNextSecond() {
    for (int i = 0; i < 150; i++) {
      send(a, frame(Ethernet.BROADCAST, A));
    }
    assertThat(a.refusals()).isEqualTo(50);
    assertThat(b.framesOut()).isEqualTo(100);
    clock.advance(1_000_000_000);
    send(a, frame(Ethernet.BROADCAST, A));
    assertThat(b.framesOut()).isEqualTo(101);
  }

  @Test
  void aPortThatDoesNotReadLosesFramesAndHoldsUpNobody() {
    send(b, frame(A, B));
    send(c, frame(A, 0x02_00_00_00_00_0CL));
    for (int i = 0; i < 10_000; i++) {
      send(a, frame(B, A));
    }
    send(a, frame(0x02_00_00_00_00_0CL, A));
    assertThat(b.drops()).isPositive();
    next(c);
    assertThat(next(c)).hasSize(60);
  }

  @Test
  void mirrorGetsACopyOfEachFrame() {
    lan.mirrorTo(c);
    send(b, frame(A, B));
    send(a, frame(B, A));
    assertThat(content(c)).isEqualTo(frame(A, B));
    assertThat(content(c)).isEqualTo(frame(B, A));
    assertThat(next(c)).isEmpty();
  }

  @Test
  void framesTooShortOrFromAGroupAreRefused() {
    send(a, new byte[13]);
    send(a, frame(B, Ethernet.BROADCAST));
    assertThat(a.refusals()).isEqualTo(2);
  }

  @Test
  void aPortThatMakesAddressesUpFillsItsOwnShareOnly() {
    for (int i = 0; i < 3000; i++) {
      send(a, frame(Ethernet.BROADCAST, 0x02_00_00_01_00_00L + i));
    }
    assertThat(lan.addresses()).hasSize(AddressTable.MOST_OF_A_PORT);
    send(b, frame(A, B));
    assertThat(lan.addresses()).anyMatch(known -> known.mac() == B && known.port() == b);
  }

  @Test
  void switchesJoinedInARingBySeveralThreadsEndInNeitherDeadlockNorOverflow() throws Exception {
    Switch other = new Switch(clock, 100);
    for (int cable = 0; cable < 2; cable++) {
      Cable.join(lan.open("out" + cable, ONE), other.open("in" + cable, ONE));
    }
    SwitchPort far = other.open("far", ONE);
    Thread[] senders = {
      Thread.ofPlatform().start(() -> flood(a)), Thread.ofPlatform().start(() -> flood(far))
    };
    for (Thread sender : senders) {
      sender.join(20_000);
      assertThat(sender.isAlive()).isFalse();
    }
    assertThat(b.framesOut()).isPositive();
  }

  private static void flood(SwitchPort from) {
    for (int i = 0; i < 1000; i++) {
      send(from, frame(Ethernet.BROADCAST, A + from.name().hashCode()));
    }
  }
}
