package dev.ringzero.control.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringzero.engine.wire.Packet;
import dev.ringzero.network.NetworkAttachment.Card;
import dev.ringzero.network.Port;
import dev.ringzero.network.frame.BigEndian;
import dev.ringzero.network.frame.Ethernet;
import dev.ringzero.vmm.machine.CardConfiguration;
import java.io.IOException;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class SharedNicTest {
  private SharedNic nic;

  @BeforeEach
  void make() throws IOException {
    nic = new SharedNic("nic0", 2, Optional.empty(), bytes -> {});
  }

  @AfterEach
  void close() {
    nic.close();
  }

  private Port give(int function, String machine) throws IOException {
    CardConfiguration card = nic.card(function);
    return card.network()
        .open(new Card(machine, "eth0", card.mac().orElseThrow(), 1500), new HostTime(), null);
  }

  @Test
  void functionIsOneMachinesAtATime() throws IOException {
    Port first = give(0, "va");
    assertThat(nic.functions().get(1).machine()).isEqualTo("va");
    assertThatThrownBy(() -> give(0, "vb"))
        .isInstanceOf(IOException.class)
        .hasMessage("nic0:vf0 is not free: va has a function");
    first.close();
    give(0, "vb").close();
  }

  @Test
  void wholeCardIsNotGivenWhileAFunctionIsTakenNorTheOtherWayRound() throws IOException {
    Port function = give(1, "va");
    assertThatThrownBy(() -> give(SharedNic.PHYSICAL, "vb"))
        .hasMessage("nic0:pf is not free: va has a function");
    function.close();
    Port whole = give(SharedNic.PHYSICAL, "vb");
    assertThatThrownBy(() -> give(0, "vc"))
        .hasMessage("nic0:vf0 is not free: vb has the whole card");
    whole.close();
  }

  @Test
  void wholeCardMakesItsVirtualFunctionsInTheGuest() throws IOException {
    assertThat(nic.card(SharedNic.PHYSICAL).virtualFunctions()).isEqualTo(2);
    assertThat(nic.card(0).virtualFunctions()).isZero();
  }

  @Test
  void thereAreNoOtherFunctions() {
    assertThatThrownBy(() -> nic.card(2))
        .hasMessage("nic0 has no vf2: its virtual functions are vf0 to vf1");
  }

  @Test
  void functionNeitherSendsInAnothersNameNorHearsItsPackets() throws IOException {
    long first = nic.card(0).mac().orElseThrow();
    long second = nic.card(1).mac().orElseThrow();
    try (Port a = give(0, "va");
        Port b = give(1, "vb")) {
      send(a, second, second);
      assertThat(b.receive()).isNull();
      send(a, 0x02_00_00_00_00_99L, first);
      assertThat(b.receive()).isNull();
      send(a, second, first);
      Packet packet = b.receive();
      assertThat(packet).isNotNull();
      packet.release();
    }
  }

  private static void send(Port port, long to, long from) {
    byte[] frame = new byte[60];
    BigEndian.put48(frame, Ethernet.DESTINATION, to);
    BigEndian.put48(frame, Ethernet.SOURCE, from);
    port.send(Packet.of(frame, 0, frame.length));
  }
}
