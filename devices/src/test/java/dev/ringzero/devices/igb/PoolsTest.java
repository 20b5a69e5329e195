package dev.ringzero.devices.igb;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class PoolsTest {
  private static final long STRANGER = 0x02_00_00_00_00_99L;
  private static final long GROUP = 0x01_00_5E_00_00_FBL;

  private final TestCard card = new TestCard(2);
  private final TestCard.Function first = card.functions.get(0);
  private final TestCard.Function second = card.functions.get(1);

  @BeforeEach
  void start() {
    card.startPools();
    for (TestCard.Function function : card.functions) {
      function.openReceiveQueue(16);
      function.openTransmitQueue();
    }
    card.pf.openReceiveQueue(16);
    card.pf.openTransmitQueue();
  }

  @AfterEach
  void close() {
    card.close();
  }

  private static byte[] frame(long destination, long source) {
    return TestCard.frame(destination, source, 0x88B5, new byte[] {1, 2, 3});
  }

  private static byte[] tagged(long destination, long source, int vlan) {
    return TestCard.frame(destination, source, 0x8100, new byte[] {0, (byte) vlan, 8, 8});
  }

  private void send(TestCard.Function from, byte[] frame) {
    from.frame(frame, 0, 0);
    from.send();
    card.runner.run();
  }

  @Test
  void eachFunctionGetsWhatIsForItsAddress() {
    byte[] frame = frame(TestCard.address(1), STRANGER);
    card.arrives(frame);
    assertThat(second.receive()).isEqualTo(frame);
    assertThat(first.receive()).isNull();
    assertThat(card.pf.receive()).isNull();
  }

  @Test
  void whatIsForNobodyGoesToTheDefaultPool() {
    byte[] frame = frame(0x02_00_00_00_00_55L, STRANGER);
    card.arrives(frame);
    assertThat(card.pf.receive()).isEqualTo(frame);
    card.pf.write(Register.VT_CTL, 3 << 29);
    card.arrives(frame);
    assertThat(card.pf.receive()).isNull();
  }

  @Test
  void broadcastsAreReplicated() {
    byte[] frame = frame(FrameHeaders.BROADCAST, TestCard.address(0));
    send(first, frame);
    assertThat(first.receive()).as("not to who sent it").isNull();
    assertThat(second.receive()).isEqualTo(frame);
    assertThat(card.pf.receive()).isEqualTo(frame);
    assertThat(card.wire.sent).containsExactly(frame);
  }

  @Test
  void framesBetweenFunctionsStayInside() {
    byte[] frame = frame(TestCard.address(1), TestCard.address(0));
    send(first, frame);
    assertThat(second.status() & ReceiveQueue.LOOPBACK).isNotZero();
    assertThat(second.receive()).isEqualTo(frame);
    assertThat(card.wire.sent).isEmpty();
    assertThat(second.read(0xF10)).as("received").isEqualTo(1);
    assertThat(second.read(0xF40)).as("received from inside").isEqualTo(1);
    assertThat(first.read(0xF14)).as("sent").isEqualTo(1);
  }

  @Test
  void framesGoOutWhereLoopbackIsOff() {
    card.pf.write(Register.DTXSWC, 0);
    send(first, frame(TestCard.address(1), TestCard.address(0)));
    assertThat(second.receive()).isNull();
    assertThat(card.wire.sent).hasSize(1);
  }

  @Test
  void othersAddressesAreRefusedAndTold() {
    card.pf.write(Register.DTXSWC, 1 << 31 | 3);
    send(first, frame(TestCard.address(1), TestCard.address(2)));
    assertThat(second.receive()).isNull();
    assertThat(card.wire.sent).isEmpty();
    assertThat(card.pf.read(Register.WVBR) & 1).isEqualTo(1);
    assertThat(card.pf.read(Register.WVBR)).as("cleared by reading").isZero();
    assertThat(card.pf.read(Register.ICR) & Cause.DOUTSYNC).isNotZero();
    send(first, frame(TestCard.address(1), TestCard.address(0)));
    assertThat(second.receive()).isNotNull();
  }

  @Test
  void othersVlansAreRefused() {
    card.pf.write(Register.DTXSWC, 1 << 31 | 3 << 8);
    card.pf.write(Register.VLVF, 1 << 31 | 2 << 12 | 7);
    send(first, tagged(STRANGER, TestCard.address(0), 7));
    assertThat(card.wire.sent).isEmpty();
    send(second, tagged(STRANGER, TestCard.address(1), 7));
    assertThat(card.wire.sent).hasSize(1);
  }

  @Test
  void vlansKeepFunctionsApart() {
    card.pf.write(Register.VLVF, 1 << 31 | 1 << 12 | 7);
    card.arrives(tagged(TestCard.address(1), STRANGER, 7));
    assertThat(second.receive()).isNull();
    card.arrives(tagged(TestCard.address(0), STRANGER, 7));
    assertThat(first.receive()).isNotNull();
    card.pf.write(Register.VMOLR, 1 << 16 | 9000);
    card.arrives(frame(TestCard.address(0), STRANGER));
    assertThat(first.receive()).as("no longer without a tag").isNull();
  }

  @Test
  void portVlanIsPutIntoAllThatAFunctionSends() {
    card.pf.write(Register.VMVIR, 1 << 30 | 9);
    send(first, frame(STRANGER, TestCard.address(0)));
    assertThat(InternetSum.get32(card.wire.sent.getFirst(), 12)).isEqualTo(0x8100_0009);
  }

  @Test
  void groupsGoToWhoWantsThem() {
    byte[] frame = frame(GROUP, STRANGER);
    card.pf.write(Register.VMOLR + 4, card.pf.read(Register.VMOLR + 4) | 1 << 28);
    card.arrives(frame);
    assertThat(first.receive()).isNull();
    assertThat(second.receive()).isEqualTo(frame);
    int hash = 0xFB00 >>> 4;
    card.pf.write(Register.MTA + (hash >>> 5 << 2), 1 << hash);
    card.pf.write(Register.VMOLR, card.pf.read(Register.VMOLR) | 1 << 25);
    card.arrives(frame);
    assertThat(first.receive()).isEqualTo(frame);
  }

  @Test
  void framesLongerThanAFunctionWantsAreNotForIt() {
    card.pf.write(Register.VMOLR, 1 << 27 | 1 << 24 | 1 << 16 | 1000);
    byte[] frame = TestCard.frame(FrameHeaders.BROADCAST, STRANGER, 0x88B5, new byte[1100]);
    card.arrives(frame);
    assertThat(first.receive()).isNull();
    assertThat(second.receive()).isEqualTo(frame);
  }

  @Test
  void aSlowFunctionLosesItsOwnFramesOnly() {
    first.openReceiveQueue(0);
    for (int i = 0; i < 3000; i++) {
      card.arrives(frame(TestCard.address(0), STRANGER));
    }
    card.arrives(frame(TestCard.address(1), STRANGER));
    assertThat(second.receive()).isNotNull();
    assertThat(first.read(Register.RX_QUEUE + Register.RQDPC)).isEqualTo(3000 - 1024);
  }

  @Test
  void functionsReachTheirOwnMemoryOnly() {
    second.memory.write64(0x50_0000, 0x1234);
    first.memory.write64(0x1_0000, 0x50_0000);
    first.memory.write64(0x1_0000 + 8, 60 | 3 << 20 | 1 << 24 | 1 << 29);
    first.write(Register.TX_QUEUE + Register.TAIL, 1);
    card.runner.run();
    assertThat(card.wire.sent.stream().allMatch(frame -> frame[0] == 0)).isTrue();
  }

  @Test
  void resetOfAFunctionStopsItAndIsTold() {
    first.write(Register.CTRL, 1 << 26);
    assertThat(card.pf.read(Register.VFLRE)).isEqualTo(1);
    assertThat(card.pf.read(Register.ICR) & Cause.VMMB).isNotZero();
    assertThat(card.pf.read(Register.VFRE) & 3).isEqualTo(2);
    card.arrives(frame(TestCard.address(0), STRANGER));
    assertThat(first.receive()).isNull();
    card.arrives(frame(TestCard.address(1), STRANGER));
    assertThat(second.receive()).isNotNull();
    card.pf.write(Register.VFLRE, 1);
    assertThat(card.pf.read(Register.VFLRE)).isZero();
  }

  @Test
  void functionsSeeTheirOwnRegistersOnly() {
    first.write(Register.RCTL, 0);
    first.write(Register.RA, 7);
    first.write(0xC000, 7);
    first.write(Register.RX_QUEUE + 0x200, 0x1000);
    assertThat(first.read(Register.RA)).isZero();
    assertThat(card.pf.read(Register.RCTL)).isNotZero();
    assertThat(second.read(Register.RX_QUEUE + Register.BAL)).isEqualTo(0x1_8000);
    first.write(Register.EIMS, -1);
    assertThat(second.read(Register.EIMS)).isZero();
    assertThat(card.pf.read(Register.EIMS)).isEqualTo(7 << 22);
  }
}
