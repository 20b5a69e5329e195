package dev.ringzero.vmm.boot;

import dev.ringzero.vmm.boot.BootPlan.Piece;
import java.util.HexFormat;
import java.util.List;

/**
 * What kernels that expect a BIOS find of it in low memory: where its data end, and handlers for
 * its interrupts, so that a service which is asked for fails, and a timer that ticks is quieted.
 *
 * <p>Not modelled: the services, but for the size of memory (INT 12h).
 *
 * @spec IBM PC/AT Technical Reference, "BIOS data area"
 */
final class BiosData {
  private static final int VECTORS = 256;
  private static final int DATA = 0x400;
  private static final int DATA_BYTES = 0x100;

  private static final int COM1 = 0x00;
  private static final int COM2 = 0x02;
  private static final int EXTENDED_DATA_SEGMENT = 0x0E;
  private static final int MEMORY_KIBIBYTES = 0x13;

  private static final int HANDLERS = 0xFE00;
  private static final int SEGMENT = (int) (BootLayout.SMBIOS >>> 4);
  private static final int FIRST_MASTER_VECTOR = 0x08;
  private static final int FIRST_SLAVE_VECTOR = 0x70;
  private static final int MEMORY_SIZE_VECTOR = 0x12;
  private static final int FIRST_SERVICE_VECTOR = 0x10;
  private static final int LAST_SERVICE_VECTOR = 0x1A;

  /** Code in 16 bits, at offsets from {@link #HANDLERS} that are multiples of 16. */
  private enum Handler {
    RETURN("CF"),
    /** {@code push ax; mov al, 20h; out 20h, al; pop ax; iret}: ends an interrupt. */
    END_OF_INTERRUPT("50 B0 20 E6 20 58 CF"),
    /** The same, at both controllers. */
    END_OF_BOTH("50 B0 20 E6 A0 E6 20 58 CF"),
    /**
     * {@code push bp; mov bp, sp; or byte [bp+6], 1; pop bp; mov ah, 86h; iret}: carry, no such.
     */
    NO_SUCH_SERVICE("55 89 E5 80 4E 06 01 5D B4 86 CF"),
    /** {@code mov ax, 639; iret}. */
    MEMORY_SIZE("B8 7F 02 CF");

    private final byte[] code;

    Handler(String code) {
      this.code = HexFormat.of().parseHex(code.replace(" ", ""));
    }

    int offset() {
      return HANDLERS + 16 * ordinal();
    }
  }

  private BiosData() {}

  static List<Piece> pieces() {
    return List.of(
        new Piece(0, vectors()),
        new Piece(DATA, data()),
        new Piece(BootLayout.BIOS_DATA, new byte[] {1}), // one kibibyte
        new Piece(BootLayout.SMBIOS + HANDLERS, handlers()));
  }

  private static byte[] vectors() {
    Structure table = new Structure(4 * VECTORS);
    for (int vector = 0; vector < VECTORS; vector++) {
      table.put16(4 * vector, handler(vector).offset()).put16(4 * vector + 2, SEGMENT);
    }
    return table.array();
  }

  private static Handler handler(int vector) {
    if (vector >= FIRST_MASTER_VECTOR && vector < FIRST_MASTER_VECTOR + 8) {
      return Handler.END_OF_INTERRUPT;
    }
    if (vector >= FIRST_SLAVE_VECTOR && vector < FIRST_SLAVE_VECTOR + 8) {
      return Handler.END_OF_BOTH;
    }
    if (vector == MEMORY_SIZE_VECTOR) {
      return Handler.MEMORY_SIZE;
    }
    boolean service = vector >= FIRST_SERVICE_VECTOR && vector <= LAST_SERVICE_VECTOR;
    return service ? Handler.NO_SUCH_SERVICE : Handler.RETURN;
  }

  private static byte[] data() {
    return new Structure(DATA_BYTES)
        .put16(COM1, 0x3F8)
        .put16(COM2, 0x2F8)
        .put16(EXTENDED_DATA_SEGMENT, BootLayout.BIOS_DATA >>> 4)
        .put16(MEMORY_KIBIBYTES, BootLayout.BIOS_DATA >>> 10)
        .array();
  }

  private static byte[] handlers() {
    Structure code = new Structure(16 * Handler.values().length);
    for (Handler handler : Handler.values()) {
      code.put(16 * handler.ordinal(), handler.code);
    }
    return code.array();
  }
}
