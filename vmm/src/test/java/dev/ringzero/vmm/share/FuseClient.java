package dev.ringzero.vmm.share;

import dev.ringzero.devices.virtio.VirtioFeature;
import dev.ringzero.devices.virtio.VirtioTransport;
import dev.ringzero.devices.virtio.fs.FuseOpcode;
import dev.ringzero.devices.virtio.fs.VirtioFs;
import dev.ringzero.devices.virtio.queue.QueueLayout;
import dev.ringzero.devices.virtio.queue.Virtqueue;
import dev.ringzero.memory.GuestMemory;
import dev.ringzero.testkit.VirtqueueDriver;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** A driver's side of a file system device, one request at a time. */
final class FuseClient implements AutoCloseable {
  static final long ROOT = 1;
  private static final long QUEUE = 0x10_0000;
  private static final long REQUEST = 0x20_0000;
  private static final long ANSWER = 0x40_0000;
  private static final int MOST_BYTES = 0x20_0000;
  private static final int REQUEST_QUEUE = 1;
  private static final int HEADER_BYTES = 40;
  private static final int ANSWER_HEADER_BYTES = 16;

  private final GuestMemory memory = GuestMemory.ofPc(16 << 20);
  private final VirtqueueDriver driver = new VirtqueueDriver(memory, QUEUE, 64);
  private final Virtqueue queue =
      Virtqueue.at(
          memory,
          new QueueLayout(
              64,
              driver.table(),
              driver.available(),
              driver.used(),
              VirtioFeature.VIRTIO_F_VERSION_1));
  private final VirtioFs device;
  private long unique = 1;

  int uid;
  int gid;

  FuseClient(SharedFolder folder) {
    device = new VirtioFs("test", 1, folder);
    device.connect(new SilentTransport());
  }

  /** What came back; an error is a number above 0. */
  record Answer(int error, ByteBuffer data) {
    long node() {
      return data.getLong(0);
    }

    int mode() {
      return data.getInt(40 + 60);
    }
  }

  /** Arguments as a driver puts them together. */
  static byte[] arguments(Consumer<ByteBuffer> put) {
    ByteBuffer bytes = ByteBuffer.allocate(1 << 17).order(ByteOrder.LITTLE_ENDIAN);
    put.accept(bytes);
    byte[] used = new byte[bytes.position()];
    bytes.get(0, used);
    return used;
  }

  static void text(ByteBuffer to, String text) {
    to.put(text.getBytes(StandardCharsets.UTF_8)).put((byte) 0);
  }

  void initialize() {
    call(FuseOpcode.INIT, 0, 256, in -> in.putInt(7).putInt(37).putInt(1 << 17).putInt(-1));
  }

  Answer call(FuseOpcode opcode, long node, int room, Consumer<ByteBuffer> put) {
    return raw(opcode.number(), node, arguments(put), room);
  }

  Answer lookup(long parent, String name) {
    return call(FuseOpcode.LOOKUP, parent, 256, in -> text(in, name));
  }

  Answer makeDirectory(long parent, String name, int mode) {
    return call(
        FuseOpcode.MKDIR,
        parent,
        256,
        in -> {
          in.putInt(mode).putInt(0);
          text(in, name);
        });
  }

  Answer create(long parent, String name, int flags, int mode) {
    return call(
        FuseOpcode.CREATE,
        parent,
        256,
        in -> {
          in.putInt(flags).putInt(mode).putInt(0).putInt(0);
          text(in, name);
        });
  }

  Answer open(long node, int flags) {
    return call(FuseOpcode.OPEN, node, 64, in -> in.putInt(flags).putInt(0));
  }

  Answer write(long handle, long offset, byte[] data) {
    return call(
        FuseOpcode.WRITE,
        0,
        64,
        in ->
            in.putLong(handle)
                .putLong(offset)
                .putInt(data.length)
                .putInt(0)
                .putLong(0)
                .putLong(0)
                .put(data));
  }

  Answer read(long handle, long offset, int length) {
    return call(
        FuseOpcode.READ,
        0,
        length,
        in -> in.putLong(handle).putLong(offset).putInt(length).putInt(0).putLong(0).putLong(0));
  }

  Answer names(FuseOpcode opcode, long node, String... names) {
    return call(
        opcode,
        node,
        256,
        in -> {
          for (String name : names) {
            text(in, name);
          }
        });
  }

  /** All entries of a directory, read in pieces. */
  List<String> list(long node, FuseOpcode opcode, int room) {
    long handle = call(FuseOpcode.OPENDIR, node, 64, in -> in.putLong(0)).data().getLong(0);
    List<String> names = new ArrayList<>();
    long offset = 0;
    boolean more = true;
    while (more) {
      long from = offset;
      ByteBuffer data =
          call(
                  opcode,
                  node,
                  room,
                  in ->
                      in.putLong(handle).putLong(from).putInt(room).putInt(0).putLong(0).putLong(0))
              .data();
      more = data.hasRemaining();
      while (data.hasRemaining()) {
        data.position(data.position() + (opcode == FuseOpcode.READDIRPLUS ? 128 : 0));
        data.getLong();
        offset = data.getLong();
        byte[] name = new byte[data.getInt()];
        data.getInt();
        data.get(name);
        data.position(data.position() + (-name.length & 7));
        names.add(new String(name, StandardCharsets.UTF_8));
      }
    }
    call(FuseOpcode.RELEASEDIR, node, 16, in -> in.putLong(handle).putLong(0).putLong(0));
    return names;
  }

  Answer raw(int opcode, long node, byte[] arguments, int room) {
    ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    header.putInt(HEADER_BYTES + arguments.length).putInt(opcode).putLong(unique++).putLong(node);
    header.putInt(uid).putInt(gid).putLong(0);
    memory.write(REQUEST, header.array());
    memory.write(REQUEST + HEADER_BYTES, arguments);
    return send(HEADER_BYTES + arguments.length, room + ANSWER_HEADER_BYTES);
  }

  /** Sends bytes as they are. */
  Answer send(byte[] request, int answerBytes) {
    memory.write(REQUEST, request);
    return send(request.length, answerBytes);
  }

  private Answer send(int requestBytes, int answerBytes) {
    int room = Math.min(answerBytes, MOST_BYTES);
    if (room > 0) {
      driver.add(
          VirtqueueDriver.readable(REQUEST, requestBytes), VirtqueueDriver.writable(ANSWER, room));
    } else {
      driver.add(VirtqueueDriver.readable(REQUEST, requestBytes));
    }
    device.process(REQUEST_QUEUE, queue);
    int written = driver.takeUsed().getFirst().writtenBytes();
    if (written < ANSWER_HEADER_BYTES) {
      return new Answer(0, ByteBuffer.allocate(0));
    }
    byte[] answer = new byte[written];
    memory.read(ANSWER, answer, 0, written);
    ByteBuffer bytes = ByteBuffer.wrap(answer).order(ByteOrder.LITTLE_ENDIAN);
    return new Answer(
        -bytes.getInt(4),
        bytes
            .slice(ANSWER_HEADER_BYTES, written - ANSWER_HEADER_BYTES)
            .order(ByteOrder.LITTLE_ENDIAN));
  }

  VirtioFs device() {
    return device;
  }

  @Override
  public void close() {
    memory.close();
  }

  private final class SilentTransport implements VirtioTransport {
    @Override
    public GuestMemory memory() {
      return memory;
    }

    @Override
    public void wake(int queueIndex) {}

    @Override
    public void signal(int queueIndex) {}

    @Override
    public void configChanged() {}

    @Override
    public boolean enter() {
      return true;
    }

    @Override
    public void exit() {}

    @Override
    public void misused(String how) {}
  }
}
