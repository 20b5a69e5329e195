package dev.ringzero.devices.virtio.pci;

import dev.ringzero.devices.pci.ErrorReporting;
import dev.ringzero.devices.pci.Msix;
import dev.ringzero.devices.pci.PciDevice;
import dev.ringzero.devices.pci.PciExpress;
import dev.ringzero.devices.pci.PciFunction;
import dev.ringzero.devices.pci.PciIdentity;
import dev.ringzero.devices.pci.VirtualFunctions;
import dev.ringzero.devices.virtio.VirtioDevice;
import dev.ringzero.devices.virtio.VirtioFeature;
import dev.ringzero.devices.virtio.VirtioTransport;
import dev.ringzero.devices.virtio.queue.Virtqueue;
import dev.ringzero.engine.AgentRunner;
import dev.ringzero.engine.MsiTarget;
import dev.ringzero.engine.state.StateException;
import dev.ringzero.engine.state.StateReader;
import dev.ringzero.engine.state.StateWriter;
import dev.ringzero.engine.state.Stateful;
import dev.ringzero.memory.DmaMemory;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * A virtio device as a PCI function. vCPUs only write down what they want and wake agents; each
 * queue has an agent of its own. A reset takes effect when nothing of the device is at work any
 * more, and until then the driver reads the old status.
 *
 * <p>Not modelled: the legacy interface, queue reset, notification data, shared memory.
 *
 * @spec Virtual I/O Device (VIRTIO) 1.2, "Virtio Over PCI Bus"
 */
public final class VirtioPci implements VirtioTransport, PciDevice, Stateful {
  private static final int VENDOR = 0x1AF4;
  private static final int FIRST_DEVICE_ID = 0x1040;
  private static final int REVISION = 1;
  private static final int MSIX_BAR = 1;
  private static final int MOST_VECTORS = 2048;

  private static final int ISR_QUEUE = 1 << 0;
  private static final int ISR_CONFIG = 1 << 1;

  private final String name;
  private final VirtioDevice device;
  private final DmaMemory memory;
  private final PciFunction function;
  private final Msix msix;
  private final CommonConfig common;
  private final AgentRunner.Waker[] wakers;
  private final AtomicInteger interruptStatus = new AtomicInteger();
  private final AtomicLong misuses = new AtomicLong();
  private final LongAdder doorbells = new LongAdder();
  private final LongAdder callbacks = new LongAdder();
  private final LongAdder interrupts = new LongAdder();
  private volatile String lastMisuse = "";
  private volatile boolean busMaster;

  /** Agents and requests at work now; guarded by this, as is the common configuration. */
  private int active;

  private boolean resetting;

  /** Makes the function, to be plugged into the root bus. */
  public VirtioPci(
      String name, VirtioDevice device, DmaMemory memory, MsiTarget messages, AgentRunner runner) {
    this(name, PciExpress.Type.ROOT_COMPLEX_ENDPOINT, device, memory, messages, runner);
  }

  /**
   * Makes the function, to be plugged into a bus.
   *
   * @param name of its state, such as "virtio-block0"
   * @param place on which kind of bus it will be
   */
  public VirtioPci(
      String name,
      PciExpress.Type place,
      VirtioDevice device,
      DmaMemory memory,
      MsiTarget messages,
      AgentRunner runner) {
    this.name = name;
    this.device = device;
    this.memory = memory;
    int id = FIRST_DEVICE_ID + device.type().id();
    function =
        new PciFunction(
            name, new PciIdentity(VENDOR, id, REVISION, device.type().pciClass(), VENDOR, id));
    function.useInterruptPin(1);
    ErrorReporting.add(function, PciExpress.add(function, place));
    int[] sizes = device.queueSizes();
    msix = new Msix(function, MSIX_BAR, Math.min(MOST_VECTORS, sizes.length + 1), messages);
    common = new CommonConfig(device, memory, msix.vectors());
    new VirtioWindow(this, function, device.configBytes(), sizes.length);
    wakers = new AgentRunner.Waker[sizes.length];
    for (int i = 0; i < sizes.length; i++) {
      int queue = i;
      wakers[i] = runner.add(name + "-queue" + i, () -> step(queue));
    }
    function.onReset(this::requestReset);
    function.onConfigWrite((offset, size) -> followBusMaster());
    device.connect(this);
  }

  /** Gives the function virtual ones, before it is plugged in. */
  public VirtualFunctions with(List<VirtioPci> virtual) {
    common.offer(VirtioFeature.VIRTIO_F_SR_IOV);
    int deviceId = FIRST_DEVICE_ID + device.type().id();
    return new VirtualFunctions(
        function, virtual.stream().map(VirtioPci::function).toList(), deviceId);
  }

  @Override
  public PciFunction function() {
    return function;
  }

  @Override
  public List<Stateful> units() {
    return List.of(function, msix, this);
  }

  @Override
  public Work work() {
    return new Work(doorbells.sum(), callbacks.sum(), interrupts.sum());
  }

  /** Does not offer features that it could have, before the driver looks. */
  public void withhold(long features) {
    common.withhold(features);
  }

  /** How often the driver broke a rule of the specification. */
  public long misuses() {
    return misuses.get();
  }

  /** Which rule the driver broke last, or an empty string. */
  public String lastMisuse() {
    return lastMisuse;
  }

  private void followBusMaster() {
    boolean before = busMaster;
    busMaster = function.isBusMaster();
    if (busMaster && !before) {
      wakeAll();
    }
  }

  // The driver's side, by threads of vCPUs

  long readCommon(long offset, int sizeBytes) {
    synchronized (this) {
      return common.read(offset, sizeBytes);
    }
  }

  void writeCommon(long offset, int sizeBytes, long value) {
    CommonConfig.Effect effect;
    synchronized (this) {
      effect = common.write(offset, sizeBytes, value);
      if (effect == CommonConfig.Effect.READY) {
        device.activate(common.features());
      }
    }
    switch (effect) {
      case NONE -> {}
      case READY -> wakeAll();
      case RESET -> requestReset();
      case MISUSE -> misused(common.complaint());
    }
  }

  long readDevice(long offset, int sizeBytes) {
    boolean inside = offset + sizeBytes <= device.configBytes();
    return inside ? device.readConfig((int) offset, sizeBytes) : 0;
  }

  void writeDevice(long offset, int sizeBytes, long value) {
    if (offset + sizeBytes <= device.configBytes()) {
      device.writeConfig((int) offset, sizeBytes, value);
    }
  }

  long readInterruptStatus() {
    int status = interruptStatus.getAndSet(0);
    if (status != 0) {
      function.interrupt(false);
    }
    return status;
  }

  private void requestReset() {
    boolean now;
    synchronized (this) {
      resetting = true;
      now = active == 0;
      if (now) {
        finishReset();
      }
    }
    if (now) {
      clearInterrupt();
    }
  }

  private void finishReset() {
    resetting = false;
    common.reset();
    device.reset();
  }

  private void clearInterrupt() {
    interruptStatus.set(0);
    function.interrupt(false);
  }

  // The device's side, by agents

  private boolean step(int index) {
    Virtqueue queue = enterQueue(index);
    if (queue == null) {
      return false;
    }
    callbacks.increment();
    try {
      boolean more = device.process(index, queue);
      String misuse = queue.misuse();
      if (misuse != null) {
        misused("queue " + index + ": " + misuse);
      }
      return more && misuse == null;
    } finally {
      exit();
    }
  }

  private synchronized Virtqueue enterQueue(int index) {
    Virtqueue queue = common.queue(index).queue;
    return queue != null && enter() ? queue : null;
  }

  @Override
  public synchronized boolean enter() {
    boolean may = common.isRunning() && !resetting && busMaster;
    active += may ? 1 : 0;
    return may;
  }

  @Override
  public void exit() {
    boolean now;
    synchronized (this) {
      now = --active == 0 && resetting;
      if (now) {
        finishReset();
      }
      notifyAll();
    }
    if (now) {
      clearInterrupt();
    }
  }

  @Override
  public synchronized void awaitIdle() throws InterruptedException {
    while (active > 0) {
      wait();
    }
  }

  @Override
  public DmaMemory memory() {
    return memory;
  }

  @Override
  public void wake(int queue) {
    wakers[queue].wake();
  }

  void notified(int queue) {
    doorbells.increment();
    if (queue < wakers.length) {
      wakers[queue].wake();
    }
  }

  private void wakeAll() {
    for (AgentRunner.Waker waker : wakers) {
      waker.wake();
    }
  }

  @Override
  public void signal(int queue) {
    int vector;
    synchronized (this) {
      vector = common.queue(queue).vector;
    }
    interrupt(ISR_QUEUE, vector);
  }

  @Override
  public void configChanged() {
    int vector;
    synchronized (this) {
      common.nextGeneration();
      if (!common.isDriverReady()) {
        return;
      }
      vector = common.configVector();
    }
    interrupt(ISR_CONFIG, vector);
  }

  private void interrupt(int cause, int vector) {
    interrupts.increment();
    if (msix.isEnabled()) {
      if (vector != QueueRegisters.NO_VECTOR) {
        msix.signal(vector);
      }
      return;
    }
    interruptStatus.getAndUpdate(status -> status | cause);
    function.interrupt(true);
  }

  @Override
  public void misused(String how) {
    misuses.incrementAndGet();
    lastMisuse = how;
    synchronized (this) {
      common.needsReset();
    }
    configChanged();
  }

  @Override
  public String stateName() {
    return name;
  }

  @Override
  public int stateVersion() {
    return 1;
  }

  @Override
  public synchronized void save(StateWriter out) {
    out.writeInt(interruptStatus.get());
    common.save(out);
    device.save(out);
  }

  @Override
  public synchronized void restore(StateReader in, int version) {
    if (version != 1) {
      throw new StateException("virtio state of version " + version);
    }
    device.reset();
    interruptStatus.set(in.readInt());
    common.restore(in);
    device.restore(in);
    if (common.isRunning()) {
      device.activate(common.features());
    }
    wakeAll();
  }
}
