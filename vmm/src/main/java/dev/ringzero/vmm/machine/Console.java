package dev.ringzero.vmm.machine;

import dev.ringzero.devices.serial.ByteSink;
import dev.ringzero.devices.serial.ConsolePort;
import dev.ringzero.devices.virtio.console.ConsoleSink;
import dev.ringzero.devices.virtio.console.VirtioConsole;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The host's end of a serial port, and of a virtio console if there is one: what the guest writes
 * to either is shown, and what is typed goes to the virtio console once the guest uses it. Output
 * goes through a bounded buffer to whoever listens, on a thread of its own, so that a slow listener
 * holds back the guest's port and never a processor; input waits here until the port takes it.
 */
public final class Console implements ByteSink, ConsoleSink {
  private static final int OUTPUT_BYTES = 1 << 16;
  private static final int INPUT_BYTES = 1 << 16;
  private static final int FEW_BYTES = 1 << 8;

  /** How long the thread that delivers waits for output before it goes. */
  private static final long REST_NANOS = 1_000_000_000;

  /** Takes output. */
  @FunctionalInterface
  public interface Listener {
    /** Takes the first bytes of an array, which is used again afterwards. May block for a while. */
    void output(byte[] bytes, int lengthBytes);
  }

  /** Guards output. The port takes it under its own lock. */
  private final ReentrantLock lock = new ReentrantLock();

  /** Guards input; held while input goes into the port, so it must not be the one for output. */
  private final Object inputLock = new Object();

  private final Condition changed = lock.newCondition();
  private byte[] output = new byte[FEW_BYTES];
  private byte[] input = new byte[FEW_BYTES];
  private final List<Listener> listeners = new CopyOnWriteArrayList<>();
  private String threadName;
  private boolean hasThread;
  private int outputLength;
  private boolean refused;
  private boolean delivering;
  private boolean closed;
  private int inputLength;
  private ConsolePort port;
  private VirtioConsole terminal;

  Console() {}

  /** Connects to the port; once, before the machine starts. */
  void connect(ConsolePort line, String deliverer) {
    port = line;
    threadName = deliverer;
    line.onInputSpace(this::feed);
  }

  /** Connects to a virtio console as well; before the machine starts. */
  void connect(VirtioConsole console) {
    terminal = console;
    console.onInputSpace(this::feed);
  }

  /**
   * Tells the guest how large the terminal is.
   *
   * @return false if there is no way to tell it
   */
  public boolean resize(int rows, int columns) {
    if (terminal != null) {
      terminal.resize(rows, columns);
    }
    return terminal != null;
  }

  public void addListener(Listener listener) {
    listeners.add(listener);
  }

  public void removeListener(Listener listener) {
    listeners.remove(listener);
  }

  /**
   * Types bytes.
   *
   * @return how many were taken; fewer than given if the guest does not read
   */
  public int send(byte[] bytes, int offset, int lengthBytes) {
    synchronized (inputLock) {
      int taken = Math.min(lengthBytes, INPUT_BYTES - inputLength);
      input = withRoom(input, inputLength + taken);
      System.arraycopy(bytes, offset, input, inputLength, taken);
      inputLength += taken;
      feed();
      return taken;
    }
  }

  private static byte[] withRoom(byte[] buffer, int lengthBytes) {
    return lengthBytes <= buffer.length
        ? buffer
        : Arrays.copyOf(buffer, Integer.highestOneBit(lengthBytes - 1) << 1);
  }

  /** Sends a break condition. */
  public void sendBreak() {
    port.receiveBreak();
  }

  private void feed() {
    synchronized (inputLock) {
      if (inputLength > 0) {
        int taken =
            terminal != null && terminal.isOpen()
                ? terminal.receive(input, 0, inputLength)
                : port.receive(input, 0, inputLength);
        inputLength -= taken;
        System.arraycopy(input, taken, input, 0, inputLength);
      }
    }
  }

  @Override
  public boolean offer(int value) {
    lock.lock();
    try {
      if (outputLength == OUTPUT_BYTES) {
        refused = true;
        return false;
      }
      output = withRoom(output, outputLength + 1);
      output[outputLength++] = (byte) value;
      if (outputLength == 1) {
        callDeliverer();
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public int take(byte[] bytes, int lengthBytes) {
    lock.lock();
    try {
      int taken = Math.min(lengthBytes, OUTPUT_BYTES - outputLength);
      output = withRoom(output, outputLength + taken);
      System.arraycopy(bytes, 0, output, outputLength, taken);
      outputLength += taken;
      refused |= taken < lengthBytes;
      callDeliverer();
      return taken;
    } finally {
      lock.unlock();
    }
  }

  /** Called with the lock: somebody delivers what there is. */
  private void callDeliverer() {
    changed.signalAll();
    if (!hasThread) {
      hasThread = true;
      Thread.ofPlatform().name(threadName).daemon().start(this::deliver);
    }
  }

  private void deliver() {
    byte[] batch = takeOutput();
    while (batch.length > 0) {
      for (Listener listener : listeners) {
        listener.output(batch, batch.length);
      }
      batch = takeOutput();
    }
  }

  /** Waits for output; none if the thread is to end. */
  private byte[] takeOutput() {
    boolean resume;
    byte[] batch;
    lock.lock();
    try {
      delivering = false;
      changed.signalAll();
      hasThread = awaitOutput();
      batch = Arrays.copyOf(output, outputLength);
      outputLength = 0;
      if (!hasThread) {
        output = new byte[FEW_BYTES];
      }
      delivering = batch.length > 0;
      resume = refused;
      refused = false;
    } finally {
      lock.unlock();
    }
    if (resume) {
      resumeOutput();
    }
    return batch;
  }

  /** There is room: what waits in the ports comes, also what waited when they were saved. */
  void resumeOutput() {
    port.resumeOutput();
    if (terminal != null) {
      terminal.resumeOutput();
    }
  }

  /** Called with the lock; false if there was none for a while. */
  private boolean awaitOutput() {
    long left = REST_NANOS;
    while (outputLength == 0 && !closed && left > 0) {
      try {
        left = changed.awaitNanos(left);
      } catch (InterruptedException e) {
        throw new IllegalStateException("nobody interrupts this thread", e);
      }
    }
    return outputLength > 0;
  }

  /** Waits until all output so far has reached the listeners, and ends the delivery. */
  void close() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
      while (outputLength > 0 || delivering) {
        changed.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }
}
