package dev.ringzero.network.tap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ringzero.engine.wire.Packet;
import dev.ringzero.network.frame.Arp;
import dev.ringzero.network.frame.BigEndian;
import dev.ringzero.network.frame.Ethernet;
import dev.ringzero.network.frame.Ipv4;
import java.io.IOException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class TapPortTest {
  private static final String NAME = "rz" + ProcessHandle.current().pid() % 1_000_000;
  private static final int HOST = Ipv4.address(10, 213, 7, 1);
  private static final int ARP = Packet.FRAME + Ethernet.HEADER_BYTES;

  private static boolean ip(String arguments) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(("ip " + arguments).split(" "))
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    return process.waitFor() == 0;
  }

  private static boolean make() throws InterruptedException {
    try {
      return ip("tuntap add dev " + NAME + " mode tap")
          && ip("address add 10.213.7.1/24 dev " + NAME)
          && ip("link set " + NAME + " up");
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void theHostAnswersBehindItsInterface() throws Exception {
    assumeTrue(make(), "this user cannot make TAP interfaces: not tried");
    try (TapPort port = new TapPort(NAME, "test")) {
      Semaphore arrivals = new Semaphore(0);
      port.onArrival(arrivals::release);
      Packet request = Packet.take(Ethernet.HEADER_BYTES + Arp.BYTES);
      byte[] bytes = request.bytes();
      BigEndian.put48(bytes, Packet.FRAME + Ethernet.DESTINATION, Ethernet.BROADCAST);
      BigEndian.put48(bytes, Packet.FRAME + Ethernet.SOURCE, 0x52_5A_00_00_00_01L);
      BigEndian.put16(bytes, Packet.FRAME + Ethernet.TYPE, Ethernet.ARP);
      BigEndian.put16(bytes, ARP + Arp.HARDWARE_TYPE, Arp.ETHERNET);
      BigEndian.put16(bytes, ARP + Arp.PROTOCOL_TYPE, Ethernet.IPV4);
      BigEndian.put16(bytes, ARP + Arp.HARDWARE_LENGTH, 0x0604);
      BigEndian.put16(bytes, ARP + Arp.OPERATION, Arp.REQUEST);
      BigEndian.put48(bytes, ARP + Arp.SENDER_MAC, 0x52_5A_00_00_00_01L);
      BigEndian.put32(bytes, ARP + Arp.SENDER_IP, HOST + 1);
      BigEndian.put32(bytes, ARP + Arp.TARGET_IP, HOST);
      port.send(request);
      assertThat(answers(port, arrivals)).isTrue();
    } finally {
      ip("link delete " + NAME);
    }
  }

  private static boolean answers(TapPort port, Semaphore arrivals) throws InterruptedException {
    while (true) {
      Packet packet = port.receive();
      if (packet == null) {
        if (!arrivals.tryAcquire(10, TimeUnit.SECONDS)) {
          return false;
        }
        continue;
      }
      byte[] bytes = packet.bytes();
      if (BigEndian.get16(bytes, Packet.FRAME + Ethernet.TYPE) == Ethernet.ARP
          && BigEndian.get16(bytes, ARP + Arp.OPERATION) == Arp.REPLY) {
        return BigEndian.get32(bytes, ARP + Arp.SENDER_IP) == HOST;
      }
    }
  }

  @Test
  void anInterfaceThatIsNotThereIsSaidWithWhatMakesIt() {
    assertThatThrownBy(() -> new TapPort("rz-nonesuch", "test"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("no interface rz-nonesuch")
        .hasMessageContaining("ip tuntap add");
  }
}
