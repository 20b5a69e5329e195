package dev.ringzero.control.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class MessageChannelTest {
  @TempDir Path directory;

  @Test
  void theEndIsToldThoughAnotherReadsToo() throws Exception {
    UnixDomainSocketAddress address = UnixDomainSocketAddress.of(directory.resolve("socket"));
    try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      listener.bind(address);
      for (int i = 0; i < 500; i++) {
        CountDownLatch ended = new CountDownLatch(1);
        try (MessageChannel far = new MessageChannel(SocketChannel.open(address));
            MessageChannel near = new MessageChannel(listener.accept())) {
          far.write(Map.of("some", "thing"));
          near.whenEnded(ended::countDown);
          far.close();
          while (near.readLine() != null) {
            // The other reader takes what it gets.
          }
          assertThat(ended.await(20, TimeUnit.SECONDS)).isTrue();
        }
      }
    }
  }
}
