package dev.ringzero.devices.pci;

import dev.ringzero.engine.MsiTarget;
import dev.ringzero.engine.state.StateException;
import dev.ringzero.engine.state.StateReader;
import dev.ringzero.engine.state.StateWriter;
import dev.ringzero.engine.state.Stateful;
import dev.ringzero.memory.MmioDevice;

/**
 * MSI-X of a function: the capability, and a BAR of its own that holds the vector table and the
 * pending bits.
 *
 * @spec PCI Local Bus Specification 3.0, "MSI-X Capability and Table Structures"
 */
public final class Msix implements MmioDevice, Stateful {
  private static final int ID = 0x11;
  private static final int BYTES = 12;

  private static final int MESSAGE_CONTROL = 0x02;
  private static final int TABLE = 0x04; // offset and BAR indicator
  private static final int PBA = 0x08; // offset and BAR indicator

  private static final int FUNCTION_MASK = 1 << 14;
  private static final int ENABLE = 1 << 15;

  private static final int ENTRY_BYTES = 16;
  private static final int ENTRY_MASK_WORD = 3;
  private static final int MASKED = 1;
  private static final int PAGE_BYTES = 4096;
  private static final int MOST_VECTORS = 2048;

  private final PciFunction function;
  private final MsiTarget messages;
  private final int offset;
  private final int vectors;
  private final int pendingStart;

  /** Four words a vector: address, its upper half, data, vector control. */
  private final int[] table;

  private final long[] pending;
  private volatile boolean enabled;
  private boolean functionMasked;
  private boolean busMaster;

  /**
   * Adds the capability and its BAR to a function.
   *
   * @param bar index of a 32-bit BAR
   * @param vectors 1 to 2048
   */
  public Msix(PciFunction function, int bar, int vectors, MsiTarget messages) {
    if (vectors < 1 || vectors > MOST_VECTORS) {
      throw new IllegalArgumentException(vectors + " MSI-X vectors");
    }
    this.function = function;
    this.messages = messages;
    this.vectors = vectors;
    this.table = new int[vectors * 4];
    this.pending = new long[(vectors + 63) / 64];
    this.pendingStart = roundUpToPage(vectors * ENTRY_BYTES);
    this.offset = function.addCapability(ID, BYTES);
    ConfigSpace config = function.config();
    config.set(offset + MESSAGE_CONTROL, 2, vectors - 1);
    config.setWritable(offset + MESSAGE_CONTROL, 2, ENABLE | FUNCTION_MASK);
    config.set(offset + TABLE, 4, bar);
    config.set(offset + PBA, 4, pendingStart | bar);
    int barBytes = Integer.highestOneBit(pendingStart + PAGE_BYTES - 1) << 1;
    function.addMemoryBar(bar, barBytes, 0, this);
    function.onConfigWrite((at, size) -> follow());
    function.onReset(this::reset);
    reset();
  }

  private static int roundUpToPage(int bytes) {
    return bytes + PAGE_BYTES - 1 & -PAGE_BYTES;
  }

  private synchronized void reset() {
    for (int vector = 0; vector < vectors; vector++) {
      for (int word = 0; word < ENTRY_MASK_WORD; word++) {
        table[4 * vector + word] = 0;
      }
      table[4 * vector + ENTRY_MASK_WORD] = MASKED;
    }
    java.util.Arrays.fill(pending, 0);
  }

  /** Takes over what the guest wrote to configuration space; called under the function's lock. */
  private void follow() {
    long control = function.config().read(offset + MESSAGE_CONTROL, 2);
    boolean master = function.isBusMaster();
    synchronized (this) {
      enabled = (control & ENABLE) != 0;
      functionMasked = (control & FUNCTION_MASK) != 0;
      busMaster = master;
      if (canSend()) {
        for (int vector = 0; vector < vectors; vector++) {
          sendIfPending(vector);
        }
      }
    }
  }

  /** Whether the guest uses MSI-X instead of the pin. */
  public boolean isEnabled() {
    return enabled;
  }

  public int vectors() {
    return vectors;
  }

  /** Sends a vector's message, or remembers it while it is masked. Any thread. */
  public synchronized void signal(int vector) {
    if (!enabled || vector < 0 || vector >= vectors) {
      return;
    }
    pending[vector >>> 6] |= 1L << vector;
    if (canSend()) {
      sendIfPending(vector);
    }
  }

  private boolean canSend() {
    return enabled && !functionMasked && busMaster;
  }

  private void sendIfPending(int vector) {
    boolean isPending = (pending[vector >>> 6] >>> vector & 1) != 0;
    if (isPending && (table[4 * vector + ENTRY_MASK_WORD] & MASKED) == 0) {
      pending[vector >>> 6] &= ~(1L << vector);
      long address = (long) table[4 * vector + 1] << 32 | table[4 * vector] & 0xFFFF_FFFCL;
      messages.send(address, table[4 * vector + 2]);
    }
  }

  @Override
  public synchronized long read(long at, int sizeBytes) {
    if ((at & 3) + sizeBytes > 4 && sizeBytes != 8) {
      return 0;
    }
    long low = readWord((int) at & ~3) & 0xFFFF_FFFFL;
    if (sizeBytes == 8) {
      return (at & 3) == 0 ? low | (long) readWord((int) at + 4) << 32 : 0;
    }
    return low >>> 8 * (at & 3) & (1L << 8 * sizeBytes) - 1;
  }

  private int readWord(int at) {
    if (at < table.length * 4) {
      return table[at >>> 2];
    }
    int index = at - pendingStart >> 3;
    return at >= pendingStart && index < pending.length
        ? (int) (pending[index] >>> 8 * (at & 4))
        : 0;
  }

  @Override
  public synchronized void write(long at, int sizeBytes, long value) {
    if ((at & 3) != 0 || sizeBytes < 4) {
      return;
    }
    writeWord((int) at, (int) value);
    if (sizeBytes == 8) {
      writeWord((int) at + 4, (int) (value >>> 32));
    }
  }

  private void writeWord(int at, int value) {
    int index = at >>> 2;
    if (index >= table.length) {
      return;
    }
    boolean isControl = (index & 3) == ENTRY_MASK_WORD;
    table[index] = isControl ? value & MASKED : value;
    if (isControl && canSend()) {
      sendIfPending(index >>> 2);
    }
  }

  @Override
  public String stateName() {
    return function.stateName() + "-msix";
  }

  @Override
  public int stateVersion() {
    return 1;
  }

  @Override
  public synchronized void save(StateWriter out) {
    out.writeInts(table);
    out.writeLongs(pending);
  }

  /** To be restored after its function. */
  @Override
  public synchronized void restore(StateReader in, int version) {
    if (version != 1) {
      throw new StateException("MSI-X state of version " + version);
    }
    in.readInts(table);
    in.readLongs(pending);
  }
}
