package dev.ringzero.cli.bench.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import org.junit.jupiter.api.Test;

final class NetworkSuiteTest {
  @Test
  void scriptsSayWhereTheTrafficGoes() {
    assertThat(NetworkProgram.ALL.getFirst().script("", 1234))
        .isEqualTo("work() {\n  /tmp/net S 10.0.2.2 1234 536870912\n}\n");
    assertThat(NetworkProgram.ALL.getLast().script("", 1234))
        .isEqualTo("work() {\n  /tmp/net P 10.1.1.2 5001 16000\n}\n");
    assertThat(NetworkProgram.serveScript("")).contains("PLACE=2");
  }

  @Test
  void ratesAreInTheUnitOfTheirKind() {
    assertThat(NetworkProgram.ALL.getFirst().rate(2)).isEqualTo("256 MiB/s");
    assertThat(NetworkProgram.ALL.get(2).rate(1)).isEqualTo("500 microseconds a round trip");
    assertThat(NetworkProgram.ALL.getLast().rate(2)).isEqualTo("8,000 packets/s");
  }

  private static Socket connect(HostServer server, char kind, long count) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
    DataOutputStream out = new DataOutputStream(socket.getOutputStream());
    out.write(kind);
    out.writeLong(Long.reverseBytes(count));
    return socket;
  }

  @Test
  void theHostTakesGivesAndAnswers() throws IOException {
    try (HostServer server = new HostServer()) {
      try (Socket socket = connect(server, 'S', 300_000)) {
        socket.getOutputStream().write(new byte[300_000]);
        DataInputStream in = new DataInputStream(socket.getInputStream());
        assertThat(Long.reverseBytes(in.readLong())).isEqualTo(300_000);
      }
      try (Socket socket = connect(server, 'G', 300_000)) {
        assertThat(socket.getInputStream().readAllBytes()).hasSize(300_000);
      }
      try (Socket socket = connect(server, 'E', 2)) {
        socket.getOutputStream().write(7);
        assertThat(socket.getInputStream().read()).isEqualTo(7);
      }
    }
  }
}
