package dev.ringzero.vmm.smbios;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * One structure: header, formatted fields in order, then its strings.
 *
 * @spec DMTF DSP0134, System Management BIOS Reference Specification, "Structure standards"
 */
final class SmbiosStructure {
  private static final int HEADER_BYTES = 4;
  private static final int LENGTH = 1;

  private final ByteArrayOutputStream fields = new ByteArrayOutputStream();
  private final List<String> strings = new ArrayList<>();

  SmbiosStructure(int type, int handle) {
    put(type, 1).put(0, 1).put(handle, 2);
  }

  SmbiosStructure put(long value, int sizeBytes) {
    for (int i = 0; i < sizeBytes; i++) {
      fields.write((int) (value >>> 8 * i));
    }
    return this;
  }

  SmbiosStructure zeros(int count) {
    fields.writeBytes(new byte[count]);
    return this;
  }

  /** A field that refers to a text. */
  SmbiosStructure text(String value) {
    strings.add(value);
    return put(strings.size(), 1);
  }

  byte[] toByteArray() {
    byte[] formatted = fields.toByteArray();
    if (formatted.length < HEADER_BYTES || formatted.length > 0xFF) {
      throw new IllegalStateException("an SMBIOS structure of " + formatted.length + " bytes");
    }
    formatted[LENGTH] = (byte) formatted.length;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(formatted);
    for (String value : strings) {
      out.writeBytes(value.getBytes(StandardCharsets.US_ASCII));
      out.write(0);
    }
    out.write(0);
    if (strings.isEmpty()) {
      out.write(0);
    }
    return out.toByteArray();
  }
}
