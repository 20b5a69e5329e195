package dev.ringzero.vmm.xen;

import dev.ringzero.devices.serial.ByteSink;
import dev.ringzero.devices.serial.ConsolePort;
import dev.ringzero.memory.MachineMemory;

/**
 * The monitor's end of a paravirtual console: two rings in a page that it shares with the guest.
 * Thread-safe. Ring positions come from the guest and are never trusted.
 *
 * @spec Xen public/io/console.h
 */
public final class PvConsole implements ConsolePort {
  private static final int INPUT = 0;
  private static final int INPUT_BYTES = 1024;
  private static final int OUTPUT = 1024;
  private static final int OUTPUT_BYTES = 2048;
  private static final int INPUT_CONSUMED = 3072;
  private static final int INPUT_PRODUCED = 3076;
  private static final int OUTPUT_CONSUMED = 3080;
  private static final int OUTPUT_PRODUCED = 3084;

  private long page;
  private boolean early;
  private ByteSink sink = value -> true;
  private Runnable notify = () -> {};
  private Runnable inputSpace = () -> {};

  /** Sets the page, before the guest runs; the caller keeps it from becoming anything else. */
  synchronized void page(long hpa) {
    page = hpa;
  }

  /** Connects the host's side, before the guest runs. */
  public synchronized void connect(ByteSink output) {
    sink = output;
  }

  /** Sets how the guest is told. */
  synchronized void onNotify(Runnable toGuest) {
    notify = toGuest;
  }

  @Override
  public synchronized void onInputSpace(Runnable listener) {
    inputSpace = listener;
  }

  /** The guest said that something changed. */
  void kicked() {
    resumeOutput();
    Runnable told;
    synchronized (this) {
      told = inputSpace;
    }
    told.run();
  }

  /** Takes output as far as the sink takes it; again when the sink has room. */
  @Override
  public void resumeOutput() {
    Runnable told;
    synchronized (this) {
      int produced = (int) MachineMemory.read32(page + OUTPUT_PRODUCED);
      int consumed = (int) MachineMemory.read32(page + OUTPUT_CONSUMED);
      int left = Math.clamp(produced - consumed, 0, OUTPUT_BYTES);
      int before = consumed;
      while (left > 0 && sink.offer(outputByte(consumed))) {
        consumed++;
        left--;
      }
      if (consumed == before) {
        return;
      }
      MachineMemory.write32(page + OUTPUT_CONSUMED, consumed);
      told = notify;
    }
    told.run();
  }

  private int outputByte(int position) {
    return (int) MachineMemory.read8(page + OUTPUT + (position & OUTPUT_BYTES - 1));
  }

  @Override
  public int receive(byte[] data, int offset, int lengthBytes) {
    Runnable told;
    int taken;
    synchronized (this) {
      int produced = (int) MachineMemory.read32(page + INPUT_PRODUCED);
      int consumed = (int) MachineMemory.read32(page + INPUT_CONSUMED);
      int room = INPUT_BYTES - Math.clamp(produced - consumed, 0, INPUT_BYTES);
      taken = Math.min(room, lengthBytes);
      for (int i = 0; i < taken; i++) {
        long at = page + INPUT + (produced + i & INPUT_BYTES - 1);
        MachineMemory.write8(at, data[offset + i]);
      }
      if (taken == 0) {
        return 0;
      }
      MachineMemory.write32(page + INPUT_PRODUCED, produced + taken);
      told = notify;
    }
    told.run();
    return taken;
  }

  /** Shows what the guest says by hypercall too: its first messages, if it is asked for them. */
  synchronized void showEarly(boolean on) {
    early = on;
  }

  synchronized void write(byte[] bytes) {
    if (!early) {
      return;
    }
    for (byte value : bytes) {
      sink.offer(value & 0xFF);
    }
  }
}
