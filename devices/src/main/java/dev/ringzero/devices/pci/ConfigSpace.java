package dev.ringzero.devices.pci;

import dev.ringzero.engine.state.StateException;
import dev.ringzero.engine.state.StateReader;
import dev.ringzero.engine.state.StateWriter;

/**
 * The 4 KiB of a function's configuration space: bytes, and for each which bits the guest may write
 * and which it clears by writing one.
 */
public final class ConfigSpace {
  public static final int BYTES = 4096;

  private final byte[] value = new byte[BYTES];
  private final byte[] writable = new byte[BYTES];
  private final byte[] clearable = new byte[BYTES];
  private byte[] afterReset = new byte[BYTES];

  /** Reads as the guest does. */
  public long read(int offset, int sizeBytes) {
    return get(value, offset, sizeBytes);
  }

  /** Sets what the guest reads, whatever it may write. */
  public void set(int offset, int sizeBytes, long newValue) {
    put(value, offset, sizeBytes, newValue);
  }

  /** Sets which bits the guest may write. */
  public void setWritable(int offset, int sizeBytes, long mask) {
    put(writable, offset, sizeBytes, mask);
  }

  /** Sets which bits the guest clears by writing one. */
  public void setClearable(int offset, int sizeBytes, long mask) {
    put(clearable, offset, sizeBytes, mask);
  }

  /** Writes as the guest does. */
  public void write(int offset, int sizeBytes, long newValue) {
    for (int i = 0; i < sizeBytes; i++) {
      int at = offset + i;
      int written = (int) (newValue >>> 8 * i);
      int kept = value[at] & ~writable[at] & ~(written & clearable[at]);
      value[at] = (byte) (kept | written & writable[at]);
    }
  }

  /** Makes the present content what {@link #reset} goes back to. */
  void keepForReset() {
    afterReset = value.clone();
  }

  void reset() {
    System.arraycopy(afterReset, 0, value, 0, BYTES);
  }

  private static long get(byte[] bytes, int offset, int sizeBytes) {
    long result = 0;
    for (int i = 0; i < sizeBytes; i++) {
      result |= (bytes[offset + i] & 0xFFL) << 8 * i;
    }
    return result;
  }

  private static void put(byte[] bytes, int offset, int sizeBytes, long newValue) {
    for (int i = 0; i < sizeBytes; i++) {
      bytes[offset + i] = (byte) (newValue >>> 8 * i);
    }
  }

  void save(StateWriter out) {
    out.writeBytes(value);
  }

  void restore(StateReader in) {
    byte[] saved = in.readBytes();
    if (saved.length != BYTES) {
      throw new StateException("configuration space of " + saved.length + " bytes");
    }
    System.arraycopy(saved, 0, value, 0, BYTES);
  }
}
