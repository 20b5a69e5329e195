package dev.ringzero.network.cable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringzero.engine.wire.Packet;
import dev.ringzero.network.Port;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class PatchPanelTest {
  private final PatchPanel panel = new PatchPanel();

  @Test
  void packetsOfOneEndArriveAtTheOther() throws IOException {
    Port one = panel.plug("c1", "a:eth0");
    Port other = panel.plug("c1", "b:eth0");
    List<String> told = new ArrayList<>();
    other.onArrival(() -> told.add("arrived"));
    Packet packet = Packet.of(new byte[60], 0, 60);
    one.send(packet);
    assertThat(told).containsExactly("arrived");
    assertThat(other.receive()).isSameAs(packet);
    assertThat(one.receive()).isNull();
  }

  @Test
  void carrierIsThereWhileBothEndsArePluggedIn() throws IOException {
    List<Boolean> seen = new ArrayList<>();
    Port one = panel.plug("c1", "a:eth0");
    one.onCarrier(seen::add);
    Port other = panel.plug("c1", "b:eth0");
    other.close();
    one.send(Packet.of(new byte[60], 0, 60));
    panel.plug("c1", "c:eth0");
    assertThat(seen).containsExactly(false, true, false, true);
  }

  @Test
  void thirdCardIsRefusedAndNothingStaysOfACableWithoutCards() throws IOException {
    Port one = panel.plug("c1", "a:eth0");
    Port other = panel.plug("c1", "b:eth0");
    assertThatThrownBy(() -> panel.plug("c1", "c:eth0"))
        .hasMessage("cable c1 is plugged in at both ends: a:eth0 and b:eth0");
    one.close();
    one.close();
    other.close();
    assertThat(panel.count()).isZero();
  }
}
