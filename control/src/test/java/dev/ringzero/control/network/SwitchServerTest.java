package dev.ringzero.control.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringzero.control.process.ProcessDirectory;
import dev.ringzero.control.protocol.MessageChannel;
import dev.ringzero.engine.wire.Packet;
import dev.ringzero.network.NetworkAttachment.Card;
import dev.ringzero.network.Port;
import dev.ringzero.network.capture.PcapngReader;
import dev.ringzero.network.frame.BigEndian;
import dev.ringzero.network.frame.Ethernet;
import dev.ringzero.network.switching.VlanMode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class SwitchServerTest {
  private static final long A = 0x52_5A_00_00_00_0AL;
  private static final long B = 0x52_5A_00_00_00_0BL;

  @TempDir private Path temporary;
  private ProcessDirectory directory;
  private SwitchServer server;

  @BeforeEach
  void start() throws IOException {
    directory = new ProcessDirectory(temporary.resolve("ringzero/switches"));
    server = new SwitchServer(directory, "lan0", true);
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
  }

  /** A card whose frames are kept as they come. */
  private static final class TestCard implements AutoCloseable {
    final BlockingQueue<byte[]> arrived = new LinkedBlockingQueue<>();
    final BlockingQueue<Boolean> carrier = new LinkedBlockingQueue<>();
    private final Port port;

    TestCard(Port port) {
      this.port = port;
      port.onCarrier(carrier::add);
      port.onArrival(() -> {
        synchronized (arrived) {
          for (Packet packet = port.receive(); packet != null; packet = port.receive()) {
            int end = Packet.FRAME + packet.length();
            arrived.add(Arrays.copyOfRange(packet.bytes(), Packet.FRAME, end));
            packet.release();
          }
        }
      });
    }

    void send(long to, long from, int lengthBytes) {
      Packet packet = Packet.take(lengthBytes);
      byte[] bytes = packet.bytes();
      Arrays.fill(bytes, Packet.FRAME, Packet.FRAME + lengthBytes, (byte) lengthBytes);
      BigEndian.put48(bytes, Packet.FRAME + Ethernet.DESTINATION, to);
      BigEndian.put48(bytes, Packet.FRAME + Ethernet.SOURCE, from);
      BigEndian.put16(bytes, Packet.FRAME + Ethernet.TYPE, 0x88B5);
      port.send(packet);
    }

    byte[] next() throws InterruptedException {
      return arrived.poll(20, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
      port.close();
    }
  }

  private TestCard card(String machine, long mac, VlanMode mode) throws IOException {
    SwitchAttachment attachment = new SwitchAttachment(directory, "lan0", mode);
    return new TestCard(attachment.open(new Card(machine, "eth0", mac, 1500), null, null));
  }

  private TestCard card(String machine, long mac) throws IOException {
    return card(machine, mac, new VlanMode.Access(1));
  }

  private MessageChannel channel() {
    return new MessageChannel(directory.connect("lan0").orElseThrow());
  }

  private Map<String, Object> ask(Map<String, Object> request) throws IOException {
    try (MessageChannel channel = channel()) {
      return channel.ask(request);
    }
  }

  @Test
  void framesOfAllLengthsGoBetweenPortsOverSockets() throws Exception {
    try (TestCard a = card("a", A);
        TestCard b = card("b", B)) {
      for (int length : new int[] {14, 60, 1514, 9014, 60_000, Packet.MOST_FRAME_BYTES}) {
        a.send(Ethernet.BROADCAST, A, length);
        assertThat(b.next()).hasSize(length);
        b.send(A, B, length);
        assertThat(a.next()).hasSize(length);
      }
      Map<String, Object> shown = ask(Map.of("do", "show"));
      assertThat((List<?>) shown.get("ports")).hasSize(2);
      assertThat(shown.get("addresses").toString())
          .contains("52:5a:00:00:00:0a", "port=a:eth0", "52:5a:00:00:00:0b", "port=b:eth0");
    }
  }

  @Test
  void anAddressOrNameThatIsTakenIsRefusedInWords() throws IOException {
    try (TestCard a = card("a", A)) {
      assertThatThrownBy(() -> card("b", A))
          .isInstanceOf(IOException.class)
          .hasMessage(
              "switch lan0: the address 52:5a:00:00:00:0a is taken by a:eth0: choose another with"
                  + " mac=");
      assertThatThrownBy(() -> card("a", B)).hasMessageContaining("a port a:eth0 exists already");
    }
  }

  @Test
  void aPortThatGoesIsForgottenAndTheOthersGoOn() throws Exception {
    try (TestCard a = card("a", A);
        TestCard b = card("b", B)) {
      TestCard gone = card("c", B + 1);
      gone.close();
      a.send(Ethernet.BROADCAST, A, 60);
      assertThat(b.next()).hasSize(60);
      TestCard again = card("c", B + 1);
      again.close();
    }
  }

  @Test
  void whoSpeaksNonsenseIsUnpluggedAndNobodyElse() throws Exception {
    try (TestCard a = card("a", A);
        TestCard b = card("b", B)) {
      try (SocketChannel channel = directory.connect("lan0").orElseThrow()) {
        Map<String, Object> join =
            Map.of("do", "join", "port", "x:eth0", "mac", "52:5a:00:00:00:99", "mode", "vlan=1");
        new MessageChannel(channel).ask(join);
        channel.write(ByteBuffer.wrap(new byte[] {-1, -1, -1, -1, 1, 2, 3, 4}));
        assertThat(channel.read(ByteBuffer.allocate(1))).isEqualTo(-1);
      }
      a.send(Ethernet.BROADCAST, A, 60);
      assertThat(b.next()).hasSize(60);
    }
  }

  @Test
  void aSlowPortLosesFramesAndHoldsUpNobody() throws Exception {
    try (TestCard a = card("a", A);
        TestCard b = card("b", B);
        SocketChannel deaf = directory.connect("lan0").orElseThrow()) {
      Map<String, Object> join =
          Map.of("do", "join", "port", "deaf:eth0", "mac", "52:5a:00:00:00:99", "mode", "vlan=1");
      new MessageChannel(deaf).ask(join);
      for (int i = 0; i < 200; i++) {
        a.send(Ethernet.BROADCAST, A, 60_000);
        assertThat(b.next()).hasSize(60_000);
      }
      Map<String, Object> shown = ask(Map.of("do", "show"));
      Map<?, ?> port = (Map<?, ?>) ((List<?>) shown.get("ports")).get(2);
      assertThat(port.get("name")).isEqualTo("deaf:eth0");
      assertThat((Long) port.get("dropped")).isPositive();
    }
  }

  @Test
  void theCableIsPulledWhenTheSwitchEndsAndBackWithTheNextOne() throws Exception {
    try (TestCard a = card("a", A)) {
      assertThat(a.carrier.poll(20, TimeUnit.SECONDS)).isTrue();
      server.close();
      assertThat(a.carrier.poll(20, TimeUnit.SECONDS)).isFalse();
      a.send(Ethernet.BROADCAST, A, 60);
      server = new SwitchServer(directory, "lan0", true);
      assertThat(a.carrier.poll(20, TimeUnit.SECONDS)).isTrue();
      try (TestCard b = card("b", B)) {
        b.send(A, B, 60);
        assertThat(a.next()).hasSize(60);
      }
    }
  }

  @Test
  void aPortThatHasJustComeIsUnpluggedToo() throws Exception {
    for (int i = 0; i < 100; i++) {
      try (TestCard a = card("a", A)) {
        assertThat(a.carrier.poll(20, TimeUnit.SECONDS)).isTrue();
        server.close();
        assertThat(a.carrier.poll(20, TimeUnit.SECONDS)).isFalse();
      }
      server = new SwitchServer(directory, "lan0", true);
    }
  }

  @Test
  void vlansMirrorAndLimitCanBeChangedWhileItRuns() throws Exception {
    try (TestCard a = card("a", A);
        TestCard b = card("b", B, new VlanMode.Access(2))) {
      ask(Map.of("do", "set", "port", "b:eth0", "mode", "vlan=1"));
      a.send(Ethernet.BROADCAST, A, 61);
      assertThat(b.next()).hasSize(61);
      ask(Map.of("do", "set", "port", "b:eth0", "mode", "vlan=2", "mirror", "b:eth0"));
      a.send(Ethernet.BROADCAST, A, 62);
      assertThat(b.next()).hasSize(62);
      ask(Map.of("do", "set", "mirror", "off", "floods", 0));
      ask(Map.of("do", "set", "port", "b:eth0", "mode", "vlan=1"));
      a.send(Ethernet.BROADCAST, A, 63);
      ask(Map.of("do", "set", "floods", 100));
      a.send(Ethernet.BROADCAST, A, 64);
      byte[] next = b.next();
      assertThat(next.length).isIn(63, 64);
      assertThatThrownBy(() -> ask(Map.of("do", "set", "mirror", "zzz")))
          .hasMessage("switch lan0 has no port zzz; it has: a:eth0, b:eth0");
    }
  }

  @Test
  void aCaptureShowsEachFrameOnce() throws Exception {
    try (TestCard a = card("a", A);
        TestCard b = card("b", B);
        MessageChannel channel = channel()) {
      channel.ask(Map.of("do", "capture"));
      PcapngReader reader = new PcapngReader(channel.input());
      BlockingQueue<String> lines = new LinkedBlockingQueue<>();
      Thread.ofVirtual()
          .start(() -> {
            try {
              for (String line = reader.nextLine(); line != null; line = reader.nextLine()) {
                lines.add(line);
              }
            } catch (IOException e) {
              lines.add("ended");
            }
          });
      String line = null;
      while (line == null) {
        a.send(Ethernet.BROADCAST, A, 60);
        b.next();
        line = lines.poll(100, TimeUnit.MILLISECONDS);
      }
      assertThat(line).endsWith("52:5a:00:00:00:0a > ff:ff:ff:ff:ff:ff type 88b5 length 60");
    }
  }

  @Test
  void aSwitchInUseEndsOnlyByForce() throws Exception {
    try (TestCard a = card("a", A)) {
      assertThatThrownBy(() -> ask(Map.of("do", "end")))
          .hasMessage("switch lan0 is in use by a:eth0; --force unplugs them");
      ask(Map.of("do", "end", "force", true));
      server.await();
    }
  }

  @Test
  void requestsThatAreWrongAreAnsweredInWords() throws IOException {
    assertThatThrownBy(() -> ask(Map.of("do", "dance"))).hasMessage("unknown request: dance");
    assertThatThrownBy(() -> ask(Map.of("do", "set", "uplink", "moon")))
        .hasMessage("an uplink is nat, tap=NAME or none, not moon");
    assertThatThrownBy(() -> ask(Map.of("do", "set", "floods", "x")))
        .isInstanceOf(IOException.class);
  }
}
