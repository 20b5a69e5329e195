package dev.ringzero.devices.igb;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Talks with the host's driver as igbvf does. */
final class HostDriverTest {
  private static final int ACKNOWLEDGED = 1 << 31;
  private static final int REFUSED = 1 << 30;
  private static final int CLEAR_TO_SEND = 1 << 29;
  private static final long STRANGER = 0x02_00_00_00_00_99L;

  private final TestCard card = new TestCard(2);
  private final TestCard.Function first = card.functions.get(0);
  private final TestCard.Function second = card.functions.get(1);

  @BeforeEach
  void start() {
    new HostDriver(card.controller, new long[] {TestCard.address(0), TestCard.address(1)});
  }

  @AfterEach
  void close() {
    card.close();
  }

  private static int ask(TestCard.Function function, int... words) {
    function.write(Register.V2PMAILBOX, 4);
    assertThat(function.read(Register.V2PMAILBOX) & 4).as("the memory is ours").isEqualTo(4);
    for (int i = 0; i < words.length; i++) {
      function.write(Register.VMBMEM + 4 * i, words[i]);
    }
    function.write(Register.V2PMAILBOX, 1);
    int flags = function.read(Register.V2PMAILBOX);
    assertThat(flags & 0x30).as("a message, and ours was taken").isEqualTo(0x30);
    return function.read(Register.VMBMEM);
  }

  private static void up(TestCard.Function function) {
    function.write(Register.CTRL, 1 << 26);
    ask(function, 1);
    function.openReceiveQueue(16);
    function.openTransmitQueue();
  }

  private static byte[] frame(long destination, long source) {
    return TestCard.frame(destination, source, 0x88B5, new byte[] {1});
  }

  private void send(TestCard.Function from, byte[] frame) {
    from.frame(frame, 0, 0);
    from.send();
    card.runner.run();
  }

  @Test
  void resetGivesAFunctionItsAddressAndLetsItRun() {
    first.write(Register.CTRL, 1 << 26);
    assertThat(ask(first, 1)).isEqualTo(1 | ACKNOWLEDGED);
    assertThat(first.read(Register.VMBMEM + 4)).isEqualTo(0x0000_0002);
    assertThat(first.read(Register.VMBMEM + 8)).isEqualTo(0x1000);
    up(first);
    up(second);
    send(first, frame(TestCard.address(1), TestCard.address(0)));
    assertThat(second.receive()).isNotNull();
    card.arrives(frame(TestCard.address(0), STRANGER));
    assertThat(first.receive()).isNotNull();
  }

  @Test
  void nothingIsDoneForWhoHasNotReset() {
    assertThat(ask(first, 2, 0, 0)).isEqualTo(2 | REFUSED);
  }

  @Test
  void functionsKeepTheirAddresses() {
    up(first);
    assertThat(ask(first, 2, 0x0000_0002, 0x1000)).isEqualTo(2 | ACKNOWLEDGED | CLEAR_TO_SEND);
    assertThat(ask(first, 2, 0x0000_0002, 0x1100)).isEqualTo(2 | REFUSED | CLEAR_TO_SEND);
    send(first, frame(TestCard.address(1), STRANGER));
    assertThat(card.wire.sent).isEmpty();
  }

  @Test
  void vlansAreJoinedAndLeft() {
    up(first);
    byte[] tagged = TestCard.frame(TestCard.address(0), STRANGER, 0x8100, new byte[] {0, 5, 8, 8});
    card.arrives(tagged);
    assertThat(first.receive()).isNull();
    assertThat(ask(first, 4 | 1 << 16, 5) & ACKNOWLEDGED).isNotZero();
    card.arrives(tagged);
    assertThat(first.status() >>> 48).isEqualTo(5);
    assertThat(first.receive()).isNotNull();
    ask(first, 4, 5);
    card.arrives(tagged);
    assertThat(first.receive()).isNull();
    for (int vlan = 1; vlan <= 32; vlan++) {
      assertThat(ask(first, 4 | 1 << 16, vlan) & ACKNOWLEDGED).isNotZero();
    }
    assertThat(ask(first, 4 | 1 << 16, 33) & REFUSED).as("there are 32").isNotZero();
  }

  @Test
  void groupsAreJoinedByHash() {
    up(first);
    byte[] frame = frame(0x01_00_5E_00_00_FBL, STRANGER);
    card.arrives(frame);
    assertThat(first.receive()).isNull();
    ask(first, 3 | 1 << 16, 0xFB00 >>> 4);
    card.arrives(frame);
    assertThat(first.receive()).isNotNull();
  }

  @Test
  void unknownMessagesAreRefused() {
    up(first);
    assertThat(ask(first, 0x77)).isEqualTo(0x77 | REFUSED | CLEAR_TO_SEND);
    assertThat(ask(first, 6 | 1 << 16)).isEqualTo(6 | 1 << 16 | REFUSED | CLEAR_TO_SEND);
  }

  @Test
  void aFunctionThatResetsLosesItsVlans() {
    up(first);
    ask(first, 4 | 1 << 16, 5);
    up(first);
    for (int i = 0; i < 32; i++) {
      assertThat(card.pf.read(Register.VLVF + 4 * i)).isZero();
    }
  }
}
