package dev.ringzero.vmm.acpi;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Assembles ACPI Machine Language: each method makes the bytes of one object or term, to be put
 * into those of others.
 *
 * @spec ACPI Specification 6.5, "ACPI Machine Language (AML) Specification"
 */
final class Aml {
  private static final int ZERO_OP = 0x00;
  private static final int ONE_OP = 0x01;
  private static final int NAME_OP = 0x08;
  private static final int BYTE_PREFIX = 0x0A;
  private static final int WORD_PREFIX = 0x0B;
  private static final int DWORD_PREFIX = 0x0C;
  private static final int STRING_PREFIX = 0x0D;
  private static final int QWORD_PREFIX = 0x0E;
  private static final int SCOPE_OP = 0x10;
  private static final int BUFFER_OP = 0x11;
  private static final int PACKAGE_OP = 0x12;
  private static final int METHOD_OP = 0x14;
  private static final int DUAL_NAME_PREFIX = 0x2E;
  private static final int EXT_OP_PREFIX = 0x5B;
  private static final int DEVICE_OP = 0x82;
  private static final int ROOT_CHAR = 0x5C;
  private static final int LOCAL0_OP = 0x60;
  private static final int ARG0_OP = 0x68;
  private static final int STORE_OP = 0x70;
  private static final int AND_OP = 0x7B;
  private static final int OR_OP = 0x7D;
  private static final int NOTIFY_OP = 0x86;
  private static final int CREATE_DWORD_FIELD_OP = 0x8A;
  private static final int LNOT_OP = 0x92;
  private static final int LEQUAL_OP = 0x93;
  private static final int IF_OP = 0xA0;
  private static final int ELSE_OP = 0xA1;
  private static final int RETURN_OP = 0xA4;

  private static final int SEGMENT_CHARS = 4;

  private Aml() {}

  static byte[] concat(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  private static byte[] bytes(int... values) {
    byte[] result = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      result[i] = (byte) values[i];
    }
    return result;
  }

  static byte[] littleEndian(long value, int sizeBytes) {
    byte[] result = new byte[sizeBytes];
    for (int i = 0; i < sizeBytes; i++) {
      result[i] = (byte) (value >>> 8 * i);
    }
    return result;
  }

  /**
   * A name of one segment, or of two with a dot between, with a backslash before it or not; short
   * segments are filled with "_".
   */
  static byte[] nameString(String name) {
    boolean isAbsolute = name.startsWith("\\");
    String[] segments = (isAbsolute ? name.substring(1) : name).split("\\.");
    byte[] path =
        segments.length == 1
            ? segment(segments[0])
            : concat(bytes(DUAL_NAME_PREFIX), segment(segments[0]), segment(segments[1]));
    return isAbsolute ? concat(bytes(ROOT_CHAR), path) : path;
  }

  private static byte[] segment(String name) {
    String full = name + "_".repeat(SEGMENT_CHARS - name.length());
    return full.getBytes(StandardCharsets.US_ASCII);
  }

  static byte[] integer(long value) {
    if (value == 0) {
      return bytes(ZERO_OP);
    }
    if (value == 1) {
      return bytes(ONE_OP);
    }
    if (value >>> 8 == 0) {
      return concat(bytes(BYTE_PREFIX), littleEndian(value, 1));
    }
    if (value >>> 16 == 0) {
      return concat(bytes(WORD_PREFIX), littleEndian(value, 2));
    }
    if (value >>> 32 == 0) {
      return concat(bytes(DWORD_PREFIX), littleEndian(value, 4));
    }
    return concat(bytes(QWORD_PREFIX), littleEndian(value, 8));
  }

  static byte[] string(String value) {
    return concat(bytes(STRING_PREFIX), value.getBytes(StandardCharsets.US_ASCII), bytes(0));
  }

  /** The compressed form of a plug-and-play identifier such as "PNP0A08". */
  static byte[] eisaId(String id) {
    int letters = (id.charAt(0) - '@') << 10 | (id.charAt(1) - '@') << 5 | (id.charAt(2) - '@');
    int number = Integer.parseInt(id.substring(3), 16);
    return concat(
        bytes(DWORD_PREFIX), bytes(letters >>> 8, letters & 0xFF, number >>> 8, number & 0xFF));
  }

  static byte[] name(String name, byte[] object) {
    return concat(bytes(NAME_OP), nameString(name), object);
  }

  static byte[] scope(String name, byte[]... terms) {
    return withLength(bytes(SCOPE_OP), concat(nameString(name), concat(terms)));
  }

  static byte[] device(String name, byte[]... terms) {
    return withLength(bytes(EXT_OP_PREFIX, DEVICE_OP), concat(nameString(name), concat(terms)));
  }

  static byte[] method(String name, int arguments, byte[]... terms) {
    return withLength(bytes(METHOD_OP), concat(nameString(name), bytes(arguments), concat(terms)));
  }

  static byte[] packageOf(byte[]... elements) {
    return withLength(bytes(PACKAGE_OP), concat(bytes(elements.length), concat(elements)));
  }

  static byte[] buffer(byte[] content) {
    return withLength(bytes(BUFFER_OP), concat(integer(content.length), content));
  }

  static byte[] argument(int number) {
    return bytes(ARG0_OP + number);
  }

  static byte[] local(int number) {
    return bytes(LOCAL0_OP + number);
  }

  static byte[] store(byte[] value, byte[] target) {
    return concat(bytes(STORE_OP), value, target);
  }

  static byte[] createDwordField(byte[] source, int offset, String name) {
    return concat(bytes(CREATE_DWORD_FIELD_OP), source, integer(offset), nameString(name));
  }

  /** {@code target = left & right}. */
  static byte[] and(byte[] left, byte[] right, byte[] target) {
    return concat(bytes(AND_OP), left, right, target);
  }

  /** {@code target = left | right}. */
  static byte[] or(byte[] left, byte[] right, byte[] target) {
    return concat(bytes(OR_OP), left, right, target);
  }

  /** Tells the driver of a device that something happened to it. */
  static byte[] notification(String device, int value) {
    return concat(bytes(NOTIFY_OP), nameString(device), integer(value));
  }

  static byte[] equal(byte[] left, byte[] right) {
    return concat(bytes(LEQUAL_OP), left, right);
  }

  static byte[] not(byte[] operand) {
    return concat(bytes(LNOT_OP), operand);
  }

  static byte[] ifTrue(byte[] condition, byte[]... terms) {
    return withLength(bytes(IF_OP), concat(condition, concat(terms)));
  }

  static byte[] otherwise(byte[]... terms) {
    return withLength(bytes(ELSE_OP), concat(terms));
  }

  static byte[] returns(byte[] value) {
    return concat(bytes(RETURN_OP), value);
  }

  /** Puts PkgLength between opcode and body; the length counts itself. */
  private static byte[] withLength(byte[] opcode, byte[] body) {
    return concat(opcode, packageLength(body.length), body);
  }

  private static byte[] packageLength(int bodyBytes) {
    if (bodyBytes + 1 < 1 << 6) {
      return bytes(bodyBytes + 1);
    }
    int more = bodyBytes + 2 < 1 << 12 ? 1 : bodyBytes + 3 < 1 << 20 ? 2 : 3;
    int length = bodyBytes + 1 + more;
    return concat(bytes(more << 6 | length & 0xF), littleEndian(length >>> 4, more));
  }
}
