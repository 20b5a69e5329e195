package dev.ringzero.devices.virtio.console;

import static dev.ringzero.devices.virtio.console.ConsoleProtocol.*;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.devices.virtio.VirtioDriver;
import dev.ringzero.devices.virtio.VirtioFeature;
import dev.ringzero.testkit.SavedState;
import dev.ringzero.testkit.VirtqueueDriver;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class VirtioConsoleTest {
  private static final int RECEIVE = 0;
  private static final int TRANSMIT = 1;
  private static final int CONTROL_RECEIVE = 2;
  private static final int CONTROL_TRANSMIT = 3;
  private static final long BUFFERS = 0x20_0000;
  private static final int BUFFER_BYTES = 64;

  private final ByteArrayOutputStream shown = new ByteArrayOutputStream();
  private int room = Integer.MAX_VALUE;
  private final VirtioConsole console = new VirtioConsole(30, 100, this::show);
  private final VirtioDriver driver = new VirtioDriver(console);
  private final VirtqueueDriver[] queues = new VirtqueueDriver[4];
  private int nextBuffer;

  private int show(byte[] bytes, int length) {
    int taken = Math.min(length, room - shown.size());
    shown.write(bytes, 0, taken);
    return taken;
  }

  @AfterEach
  void close() {
    driver.close();
  }

  private void start(long features) {
    assertThat(driver.negotiate(VirtioFeature.VIRTIO_F_VERSION_1 | features)).isTrue();
    for (int i = 0; i < queues.length; i++) {
      queues[i] = driver.queue(i, 64, VirtioDriver.NO_VECTOR);
    }
    driver.ready();
  }

  private long buffer() {
    return BUFFERS + (long) BUFFER_BYTES * (nextBuffer++ % 256);
  }

  private void give(int queue, byte[] bytes) {
    long gpa = buffer();
    driver.memory.write(gpa, bytes);
    queues[queue].add(VirtqueueDriver.readable(gpa, bytes.length));
    driver.kick(queue);
    queues[queue].takeUsed();
  }

  private void say(int event, int value) {
    ByteBuffer message = ByteBuffer.allocate(CONTROL_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    message.putInt(0).putShort((short) event).putShort((short) value);
    give(CONTROL_TRANSMIT, message.array());
  }

  /** What a queue of incoming buffers brings, until it brings nothing. */
  private List<byte[]> take(int queue) {
    List<byte[]> got = new ArrayList<>();
    while (true) {
      long gpa = buffer();
      queues[queue].add(VirtqueueDriver.writable(gpa, BUFFER_BYTES));
      driver.kick(queue);
      List<VirtqueueDriver.Used> used = queues[queue].takeUsed();
      if (used.isEmpty()) {
        return got;
      }
      byte[] bytes = new byte[used.getFirst().writtenBytes()];
      driver.memory.read(gpa, bytes, 0, bytes.length);
      got.add(bytes);
    }
  }

  private static int event(byte[] message) {
    return message[4];
  }

  @Test
  void configurationSpaceSaysSizeAndNumberOfPorts() {
    assertThat(driver.readConfig(COLS, 2)).isEqualTo(100);
    assertThat(driver.readConfig(ROWS, 2)).isEqualTo(30);
    assertThat(driver.readConfig(MAX_NR_PORTS, 4)).isEqualTo(1);
    assertThat(driver.readConfig(EMERG_WR, 4)).isZero();
  }

  @Test
  void withoutMultiportTheConsoleIsOpenAtOnce() {
    start(VIRTIO_CONSOLE_F_SIZE);
    assertThat(console.isOpen()).isTrue();
    give(TRANSMIT, "hello".getBytes());
    assertThat(shown).hasToString("hello");
    console.receive("keys".getBytes(), 0, 4);
    assertThat(take(RECEIVE)).containsExactly("keys".getBytes());
  }

  @Test
  void aDriverOfManyPortsIsToldOfTheConsoleAndItsSize() {
    start(VIRTIO_CONSOLE_F_MULTIPORT);
    assertThat(console.isOpen()).isFalse();
    say(VIRTIO_CONSOLE_DEVICE_READY, 1);
    assertThat(take(CONTROL_RECEIVE))
        .extracting(VirtioConsoleTest::event)
        .containsExactly(VIRTIO_CONSOLE_DEVICE_ADD);
    say(VIRTIO_CONSOLE_PORT_READY, 1);
    List<byte[]> messages = take(CONTROL_RECEIVE);
    // The buffer that brought nothing before is used first; all come in their order.
    assertThat(messages).hasSizeGreaterThanOrEqualTo(2);
    say(VIRTIO_CONSOLE_PORT_OPEN, 1);
    assertThat(console.isOpen()).isTrue();
    say(VIRTIO_CONSOLE_PORT_OPEN, 0);
    assertThat(console.isOpen()).isFalse();
  }

  @Test
  void aNewSizeIsToldToADriverThatKnowsThePort() {
    start(VIRTIO_CONSOLE_F_MULTIPORT);
    console.resize(31, 101);
    assertThat(driver.readConfig(COLS, 2)).isEqualTo(101);
    say(VIRTIO_CONSOLE_PORT_READY, 1);
    queues[CONTROL_RECEIVE].add(VirtqueueDriver.writable(BUFFERS + 0x8000, BUFFER_BYTES));
    queues[CONTROL_RECEIVE].add(VirtqueueDriver.writable(BUFFERS + 0x8100, BUFFER_BYTES));
    driver.kick(CONTROL_RECEIVE);
    assertThat(driver.memory.read16(BUFFERS + 0x8104)).isEqualTo(VIRTIO_CONSOLE_RESIZE);
    assertThat(driver.memory.read16(BUFFERS + 0x8108)).isEqualTo(101);
    assertThat(driver.memory.read16(BUFFERS + 0x810A)).isEqualTo(31);
  }

  @Test
  void whatTheHostDoesNotTakeWaitsAndComesOnce() {
    start(0);
    room = 3;
    give(TRANSMIT, "hello".getBytes());
    give(TRANSMIT, " world".getBytes());
    assertThat(shown).hasToString("hel");
    room = 7;
    console.resumeOutput();
    driver.runner.run();
    assertThat(shown).hasToString("hello w");
    room = 100;
    console.resumeOutput();
    driver.runner.run();
    assertThat(shown).hasToString("hello world");
  }

  @Test
  void whatIsTypedTooFastIsNotLost() {
    start(0);
    byte[] keys = "x".repeat(5000).getBytes();
    int taken = console.receive(keys, 0, keys.length);
    assertThat(taken).isEqualTo(4096);
    assertThat(take(RECEIVE).stream().mapToInt(bytes -> bytes.length).sum()).isEqualTo(4096);
    assertThat(console.receive(keys, taken, keys.length - taken)).isEqualTo(904);
  }

  @Test
  void aCharacterInAnEmergencyNeedsNoQueue() {
    driver.writeConfig(EMERG_WR, 4, '!');
    assertThat(shown).hasToString("!");
  }

  @Test
  void savedAndRestoredItGoesOn() {
    start(0);
    room = 2;
    give(TRANSMIT, "hello".getBytes());
    console.receive("keys".getBytes(), 0, 4);
    byte[] saved = SavedState.of(driver.device);
    assertThat(SavedState.restoredInto(driver.device, saved)).isEqualTo(saved);
    room = 100;
    console.resumeOutput();
    driver.runner.run();
    assertThat(shown).hasToString("hello");
    assertThat(take(RECEIVE)).containsExactly("keys".getBytes());
  }

  @Test
  void anyControlMessageIsSurvivedAndOwesLittle() {
    start(VIRTIO_CONSOLE_F_MULTIPORT);
    Random random = new Random(5);
    for (int i = 0; i < 5000; i++) {
      byte[] noise = new byte[random.nextInt(12) + 1];
      random.nextBytes(noise);
      if (noise.length >= 8 && random.nextInt(3) > 0) {
        ByteBuffer.wrap(noise)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putInt(0, random.nextInt(2))
            .putShort(4, (short) random.nextInt(9));
      }
      give(CONTROL_TRANSMIT, noise);
    }
    assertThat(driver.needsReset()).isFalse();
    assertThat(take(CONTROL_RECEIVE)).hasSizeLessThanOrEqualTo(4);
    assertThat(new String(shown.toByteArray(), StandardCharsets.US_ASCII)).isEmpty();
  }
}
