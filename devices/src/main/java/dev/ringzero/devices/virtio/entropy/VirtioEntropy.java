package dev.ringzero.devices.virtio.entropy;

import dev.ringzero.devices.virtio.VirtioDevice;
import dev.ringzero.devices.virtio.VirtioTransport;
import dev.ringzero.devices.virtio.VirtioType;
import dev.ringzero.devices.virtio.queue.DescriptorChain;
import dev.ringzero.devices.virtio.queue.Virtqueue;
import dev.ringzero.engine.Entropy;

/**
 * A virtio source of random numbers.
 *
 * @spec Virtual I/O Device (VIRTIO) 1.2, "Entropy Device"
 */
public final class VirtioEntropy implements VirtioDevice {
  private static final int QUEUE_SIZE = 64;
  private static final int MOST_BYTES = 4096;
  private static final int BUFFERS_A_STEP = 16;

  private final Entropy entropy;
  private VirtioTransport transport;
  private DescriptorChain chain;

  public VirtioEntropy(Entropy entropy) {
    this.entropy = entropy;
  }

  @Override
  public VirtioType type() {
    return VirtioType.ENTROPY;
  }

  @Override
  public long features() {
    return 0;
  }

  @Override
  public int[] queueSizes() {
    return new int[] {QUEUE_SIZE};
  }

  @Override
  public void connect(VirtioTransport to) {
    transport = to;
    chain = new DescriptorChain(to.memory());
  }

  @Override
  public int configBytes() {
    return 0;
  }

  @Override
  public long readConfig(int offset, int sizeBytes) {
    return 0;
  }

  @Override
  public boolean process(int index, Virtqueue queue) {
    queue.beginTaking();
    int left = BUFFERS_A_STEP;
    while (left > 0 && queue.take(chain)) {
      left--;
      byte[] bytes = new byte[(int) Math.min(MOST_BYTES, chain.writableBytes())];
      entropy.fill(bytes);
      chain.write(0, bytes, 0, bytes.length);
      queue.complete(chain, bytes.length);
    }
    if (queue.isSignalDue()) {
      transport.signal(index);
    }
    return left == 0 || queue.endTaking();
  }
}
