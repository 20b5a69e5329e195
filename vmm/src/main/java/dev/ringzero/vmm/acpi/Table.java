package dev.ringzero.vmm.acpi;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * A system description table: the common header, and after it what is put.
 *
 * @spec ACPI Specification 6.5, "System Description Table Header"
 */
final class Table {
  static final int HEADER_BYTES = 36;

  private static final int LENGTH = 4;
  private static final int CHECKSUM = 9;
  private static final String OEM_ID = "RINGZ ";
  private static final String OEM_TABLE_ID = "RINGZERO";
  private static final String CREATOR_ID = "RNGZ";

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  Table(String signature, int revision) {
    ascii(signature).put(0, 4).put(revision, 1).put(0, 1);
    ascii(OEM_ID).ascii(OEM_TABLE_ID).put(1, 4).ascii(CREATOR_ID).put(1, 4);
  }

  Table ascii(String text) {
    return bytes(text.getBytes(StandardCharsets.US_ASCII));
  }

  Table bytes(byte[] value) {
    out.writeBytes(value);
    return this;
  }

  Table put(long value, int sizeBytes) {
    return bytes(Aml.littleEndian(value, sizeBytes));
  }

  Table zeros(int count) {
    return bytes(new byte[count]);
  }

  /** A Generic Address Structure for ports, or an empty one where there are none. */
  Table portAddress(int port, int lengthBytes) {
    int accessSize = Integer.numberOfTrailingZeros(lengthBytes) + 1;
    return lengthBytes == 0
        ? zeros(12)
        : put(1, 1).put(8L * lengthBytes, 1).put(0, 1).put(Math.min(accessSize, 3), 1).put(port, 8);
  }

  /** The finished table, with length and checksum. */
  byte[] toByteArray() {
    byte[] table = out.toByteArray();
    System.arraycopy(Aml.littleEndian(table.length, 4), 0, table, LENGTH, 4);
    table[CHECKSUM] = checksum(table, table.length);
    return table;
  }

  /** The byte that, put where there is a zero, makes the sum of all zero. */
  static byte checksum(byte[] table, int lengthBytes) {
    int sum = 0;
    for (int i = 0; i < lengthBytes; i++) {
      sum += table[i];
    }
    return (byte) -sum;
  }
}
