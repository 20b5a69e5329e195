package dev.ringzero.devices.virtio.fs;

import dev.ringzero.devices.virtio.VirtioDevice;
import dev.ringzero.devices.virtio.VirtioTransport;
import dev.ringzero.devices.virtio.VirtioType;
import dev.ringzero.devices.virtio.queue.Virtqueue;
import dev.ringzero.engine.state.StateReader;
import dev.ringzero.engine.state.StateWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A virtio file system: a queue for what must not wait, and queues of requests, all served alike.
 *
 * <p>Not modelled: the notification queue, shared memory for direct access (DAX).
 *
 * @spec Virtual I/O Device (VIRTIO) 1.2, "File System Device"
 */
public final class VirtioFs implements VirtioDevice {
  /** The longest tag. */
  public static final int TAG_BYTES = 36;

  private static final int CONFIG_BYTES = TAG_BYTES + 4;
  private static final int QUEUE_SIZE = 1024;
  private static final int REQUESTS_A_STEP = 32;
  private static final int EINVAL = 22;
  private static final int ENOSYS = 38;

  private final FileServer server;
  private final byte[] config = new byte[CONFIG_BYTES];
  private final FileServer.Worker[] workers;
  private final FuseRequest[] requests;
  private VirtioTransport transport;

  /**
   * Makes a file system.
   *
   * @param tag by which the guest mounts it
   * @param requestQueues from 1
   */
  public VirtioFs(String tag, int requestQueues, FileServer server) {
    this.server = server;
    byte[] name = tag.getBytes(StandardCharsets.UTF_8);
    System.arraycopy(name, 0, config, 0, Math.min(TAG_BYTES, name.length));
    ByteBuffer.wrap(config).order(ByteOrder.LITTLE_ENDIAN).putInt(TAG_BYTES, requestQueues);
    workers = new FileServer.Worker[requestQueues + 1];
    Arrays.setAll(workers, i -> server.newWorker());
    requests = new FuseRequest[workers.length];
  }

  @Override
  public VirtioType type() {
    return VirtioType.FILE_SYSTEM;
  }

  @Override
  public long features() {
    return 0;
  }

  @Override
  public int[] queueSizes() {
    int[] sizes = new int[workers.length];
    Arrays.fill(sizes, QUEUE_SIZE);
    return sizes;
  }

  @Override
  public void connect(VirtioTransport to) {
    transport = to;
    Arrays.setAll(requests, i -> new FuseRequest(to.memory()));
  }

  @Override
  public int configBytes() {
    return CONFIG_BYTES;
  }

  @Override
  public long readConfig(int offset, int sizeBytes) {
    long value = 0;
    for (int i = sizeBytes - 1; i >= 0; i--) {
      value = value << 8 | config[offset + i] & 0xFF;
    }
    return value;
  }

  @Override
  public boolean process(int index, Virtqueue queue) {
    FuseRequest request = requests[index];
    queue.beginTaking();
    int left = REQUESTS_A_STEP;
    while (left > 0 && queue.take(request.chain())) {
      left--;
      queue.complete(request.chain(), request.finish(serve(workers[index], request)));
      if (queue.isSignalDue()) {
        transport.signal(index);
      }
    }
    return left == 0 || queue.endTaking();
  }

  private static int serve(FileServer.Worker worker, FuseRequest request) {
    if (!request.begin()) {
      return -EINVAL;
    }
    return request.opcode() == null ? -ENOSYS : worker.serve(request);
  }

  @Override
  public void reset() {
    server.reset();
  }

  @Override
  public void save(StateWriter out) {
    server.save(out);
  }

  @Override
  public void restore(StateReader in) {
    server.restore(in);
  }
}
