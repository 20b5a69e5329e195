package dev.ringzero.devices.virtio.fs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.devices.virtio.VirtioDriver;
import dev.ringzero.devices.virtio.VirtioFeature;
import dev.ringzero.devices.virtio.queue.PinnedBuffers;
import dev.ringzero.engine.state.StateReader;
import dev.ringzero.engine.state.StateWriter;
import dev.ringzero.testkit.VirtqueueDriver;
import dev.ringzero.testkit.VirtqueueDriver.Used;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class VirtioFsTest {
  private static final int HIPRIO = 0;
  private static final int REQUESTS = 1;
  private static final int EINVAL = 22;
  private static final int ENOENT = 2;
  private static final int ENOSYS = 38;
  private static final int HEADER_BYTES = 40;
  private static final long REQUEST = 0x20_0000;
  private static final long ANSWER = 0x30_0000;
  private static final long UNIQUE = 0x1122_3344_5566_7788L;

  private final TestServer server = new TestServer();
  private final VirtioDriver driver = new VirtioDriver(new VirtioFs("folder", 2, server));
  private final VirtqueueDriver[] queues = new VirtqueueDriver[3];

  /** Remembers what it was asked, and answers what the test wants. */
  private static final class TestServer implements FileServer {
    final List<String> served = new ArrayList<>();
    FileServer.Worker answer = request -> 0;
    int resets;

    @Override
    public Worker newWorker() {
      return request -> {
        served.add(request.opcode() + " " + request.node());
        return answer.serve(request);
      };
    }

    @Override
    public void reset() {
      resets++;
    }

    @Override
    public void save(StateWriter out) {}

    @Override
    public void restore(StateReader in) {}
  }

  @AfterEach
  void close() {
    driver.close();
  }

  private void start() {
    assertThat(driver.negotiate(VirtioFeature.VIRTIO_F_VERSION_1)).isTrue();
    for (int i = 0; i < queues.length; i++) {
      queues[i] = driver.queue(i, 64, VirtioDriver.NO_VECTOR);
    }
    driver.ready();
  }

  private static byte[] request(FuseOpcode opcode, String arguments) {
    byte[] bytes = arguments.getBytes();
    ByteBuffer request =
        ByteBuffer.allocate(HEADER_BYTES + bytes.length).order(ByteOrder.LITTLE_ENDIAN);
    request.putInt(HEADER_BYTES + bytes.length).putInt(opcode.number()).putLong(UNIQUE).putLong(9);
    request.put(HEADER_BYTES, bytes);
    return request.array();
  }

  private Used send(int queue, byte[] request, int room) {
    driver.memory.write(REQUEST, request);
    if (room > 0) {
      queues[queue].add(
          VirtqueueDriver.readable(REQUEST, request.length),
          VirtqueueDriver.writable(ANSWER, room));
    } else {
      queues[queue].add(VirtqueueDriver.readable(REQUEST, request.length));
    }
    driver.kick(queue);
    return queues[queue].takeUsed().getFirst();
  }

  private int error() {
    return -(int) driver.memory.read32(ANSWER + 4);
  }

  @Test
  void configurationSpaceHasTheTagPaddedWithZerosAndTheNumberOfRequestQueues() {
    byte[] tag = new byte[VirtioFs.TAG_BYTES];
    for (int i = 0; i < tag.length; i++) {
      tag[i] = (byte) driver.readConfig(i, 1);
    }
    assertThat(new String(tag)).isEqualTo("folder" + "\0".repeat(30));
    assertThat(driver.readConfig(VirtioFs.TAG_BYTES, 4)).isEqualTo(2);
  }

  @Test
  void everyQueueIsServed() {
    start();
    for (int queue = 0; queue < queues.length; queue++) {
      send(queue, request(FuseOpcode.GETATTR, ""), 64);
    }
    assertThat(server.served).containsExactly("GETATTR 9", "GETATTR 9", "GETATTR 9");
  }

  @Test
  void anAnswerHasLengthErrorAndTheRequestsNumber() {
    start();
    server.answer =
        request -> {
          assertThat(request.text()).isEqualTo("name".getBytes());
          request.answer().putLong(7);
          return 0;
        };
    Used used = send(REQUESTS, request(FuseOpcode.LOOKUP, "name\0"), 64);
    assertThat(used.writtenBytes()).isEqualTo(24);
    assertThat(driver.memory.read32(ANSWER)).isEqualTo(24);
    assertThat(error()).isZero();
    assertThat(driver.memory.read64(ANSWER + 8)).isEqualTo(UNIQUE);
    assertThat(driver.memory.read64(ANSWER + 16)).isEqualTo(7);
  }

  @Test
  void anErrorComesWithoutWhatWasAskedFor() {
    start();
    server.answer =
        request -> {
          request.answer().putLong(7);
          return -ENOENT;
        };
    assertThat(send(REQUESTS, request(FuseOpcode.LOOKUP, "a\0"), 64).writtenBytes()).isEqualTo(16);
    assertThat(error()).isEqualTo(ENOENT);
  }

  @Test
  void dataGoStraightIntoTheGuestsBufferBehindTheHeader() {
    start();
    server.answer =
        request -> {
          assertThat(request.dataRoom()).isEqualTo(84);
          try (PinnedBuffers room = request.pinDataRoom(5)) {
            room.buffers()[0].put("bytes".getBytes());
          }
          request.dataRead(5);
          return 0;
        };
    assertThat(send(REQUESTS, request(FuseOpcode.READ, ""), 100).writtenBytes()).isEqualTo(21);
    byte[] data = new byte[5];
    driver.memory.read(ANSWER + 16, data, 0, 5);
    assertThat(data).isEqualTo("bytes".getBytes());
  }

  @Test
  void aRequestThatWantsNoAnswerGetsNone() {
    start();
    assertThat(send(HIPRIO, request(FuseOpcode.FORGET, "12345678"), 0).writtenBytes()).isZero();
    assertThat(send(HIPRIO, request(FuseOpcode.FORGET, "12345678"), 64).writtenBytes()).isZero();
    assertThat(server.served).hasSize(2);
  }

  @Test
  void anUnknownRequestIsRefusedAndNotServed() {
    start();
    byte[] request = request(FuseOpcode.LOOKUP, "");
    request[4] = 63;
    send(REQUESTS, request, 64);
    assertThat(error()).isEqualTo(ENOSYS);
    request[7] = (byte) 0x80;
    send(REQUESTS, request, 64);
    assertThat(error()).isEqualTo(ENOSYS);
    assertThat(server.served).isEmpty();
  }

  @Test
  void aRequestThatIsNotAsLongAsItSaysIsRefused() {
    start();
    byte[] request = request(FuseOpcode.LOOKUP, "name\0");
    request[0] = 100;
    send(REQUESTS, request, 64);
    assertThat(error()).isEqualTo(EINVAL);
    request[0] = 39;
    send(REQUESTS, request, 64);
    assertThat(error()).isEqualTo(EINVAL);
    send(REQUESTS, new byte[10], 64);
    assertThat(error()).isEqualTo(EINVAL);
    assertThat(server.served).isEmpty();
  }

  @Test
  void anAnswerForWhichThereIsNoRoomIsAnError() {
    start();
    server.answer =
        request -> {
          request.answer().putLong(1).putLong(2);
          return 0;
        };
    assertThat(send(REQUESTS, request(FuseOpcode.GETATTR, ""), 20).writtenBytes()).isEqualTo(16);
    assertThat(error()).isEqualTo(EINVAL);
    assertThat(send(REQUESTS, request(FuseOpcode.GETATTR, ""), 8).writtenBytes()).isZero();
  }

  @Test
  void aResetForgetsWhatTheDriverHadOpen() {
    start();
    int before = server.resets;
    driver.status(0);
    assertThat(server.resets).isEqualTo(before + 1);
  }
}
