package dev.ringzero.network.nat;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class TcpReceiverTest {
  private static final int START = 0xFFFF_FF00;

  private final Random random = new Random(4);
  private final BufferBudget budget = new BufferBudget(1 << 20);
  private final TcpReceiver receiver = new TcpReceiver(budget);

  private byte[] drained(int lengthBytes) throws IOException {
    try (ServerSocketChannel server = ServerSocketChannel.open()) {
      server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      try (SocketChannel in = SocketChannel.open(server.getLocalAddress());
          SocketChannel out = server.accept()) {
        receiver.drain(in);
        ByteBuffer bytes = ByteBuffer.allocate(lengthBytes);
        while (bytes.hasRemaining()) {
          out.read(bytes);
        }
        return bytes.array();
      }
    }
  }

  @Test
  void segmentsInAnyOrderGiveTheBytesInTheirs() throws IOException {
    for (int round = 0; round < 50; round++) {
      TcpReceiverTest fresh = new TcpReceiverTest();
      fresh.random.setSeed(round);
      fresh.shuffled();
    }
  }

  private void shuffled() throws IOException {
    byte[] data = new byte[12_000];
    random.nextBytes(data);
    receiver.start(START);
    List<int[]> segments = new ArrayList<>();
    for (int at = 0; at < data.length; ) {
      int length = Math.min(1 + random.nextInt(1460), data.length - at);
      int early = Math.min(at, random.nextInt(100));
      segments.add(new int[] {at - early, length + early});
      at += length;
    }
    while (receiver.next() != START + data.length + 1) {
      Collections.shuffle(segments, random);
      for (int[] segment : segments) {
        boolean last = segment[0] + segment[1] == data.length;
        receiver.take(data, segment[0], segment[1], START + segment[0], last);
      }
    }
    assertThat(receiver.ended()).isTrue();
    assertThat(drained(data.length)).isEqualTo(data);
  }

  @Test
  void nothingBeyondTheWindowIsTakenAndTheEndCountsOnlyWhenAllIsHere() {
    byte[] data = new byte[1 << 16];
    receiver.start(0);
    int window = receiver.window(false);
    receiver.take(data, 0, data.length, 0, true);
    assertThat(receiver.next()).isEqualTo(window);
    assertThat(receiver.ended()).isFalse();
    receiver.take(data, 0, 10, window + (1 << 20), false);
    assertThat(receiver.next()).isEqualTo(window);
  }

  @Test
  void buffersGrowWithUseWithinTheBudgetAndGiveItBack() throws IOException {
    receiver.start(0);
    receiver.scale();
    byte[] data = new byte[1 << 12];
    int sequence = 0;
    for (int i = 0; i < 1000; i++) {
      receiver.take(data, 0, data.length, sequence, false);
      sequence += data.length;
      if (i % 2 == 0) {
        drained(0);
      }
    }
    assertThat(budget.usedBytes()).isGreaterThan(ByteRing.FIRST_CAPACITY);
    assertThat(budget.usedBytes()).isLessThanOrEqualTo(ByteRing.MOST_CAPACITY);
    receiver.close();
    assertThat(budget.usedBytes()).isZero();
  }
}
