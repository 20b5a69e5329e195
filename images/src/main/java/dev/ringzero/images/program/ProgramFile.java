package dev.ringzero.images.program;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The file of a program: a header, code that may run, data that may be written, and zero bytes
 * behind them that the file does not have.
 *
 * @spec System V ABI, "Object Files"
 */
final class ProgramFile {
  private static final int PAGE = 0x1000;
  private static final int HEADER_BYTES = 64;
  private static final int PROGRAM_HEADER_BYTES = 56;
  private static final int SEGMENTS = 3;
  private static final int CODE_OFFSET = HEADER_BYTES + SEGMENTS * PROGRAM_HEADER_BYTES;
  private static final int CODE_BASE = 0x40_0000;
  private static final int DATA_BASE = 0x60_0000;
  private static final int ZERO_BASE = 0x70_0000;
  private static final int ALIGNMENT = 8;

  private static final short ET_EXEC = 2;
  private static final short EM_X86_64 = 62;
  private static final int PT_LOAD = 1;
  private static final int PT_GNU_STACK = 0x6474_E551;
  private static final int PF_READ_EXECUTE = 5;
  private static final int PF_READ_WRITE = 6;

  private final ByteArrayOutputStream data = new ByteArrayOutputStream();
  private int zeroBytes;

  /** Adds bytes that the file has; gives their address. */
  int add(byte[] bytes) {
    while (data.size() % ALIGNMENT != 0) {
      data.write(0);
    }
    int address = DATA_BASE + data.size();
    data.writeBytes(bytes);
    if (data.size() > ZERO_BASE - DATA_BASE) {
      throw new IllegalArgumentException("too much data");
    }
    return address;
  }

  /** Adds zero bytes; gives their address. */
  int reserve(int lengthBytes) {
    int address = ZERO_BASE + zeroBytes;
    zeroBytes += (lengthBytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    return address;
  }

  /** The file, whose code begins where it starts. */
  byte[] finish(byte[] code) {
    int dataOffset = (CODE_OFFSET + code.length + PAGE - 1) / PAGE * PAGE;
    ByteBuffer file = ByteBuffer.allocate(dataOffset + data.size()).order(ByteOrder.LITTLE_ENDIAN);
    file.put(new byte[] {0x7F, 'E', 'L', 'F', 2, 1, 1, 0}).putLong(0);
    file.putShort(ET_EXEC).putShort(EM_X86_64).putInt(1);
    file.putLong(CODE_BASE + CODE_OFFSET).putLong(HEADER_BYTES).putLong(0).putInt(0);
    file.putShort((short) HEADER_BYTES).putShort((short) PROGRAM_HEADER_BYTES);
    file.putShort((short) SEGMENTS).putShort((short) 0).putShort((short) 0).putShort((short) 0);
    segment(file, PF_READ_EXECUTE, 0, CODE_BASE, CODE_OFFSET + code.length, 0);
    segment(file, PF_READ_WRITE, dataOffset, DATA_BASE, data.size(), ZERO_BASE - DATA_BASE);
    file.putInt(PT_GNU_STACK).putInt(PF_READ_WRITE).putLong(0).putLong(0).putLong(0);
    file.putLong(0).putLong(0).putLong(0);
    return file.put(code).put(dataOffset, data.toByteArray()).array();
  }

  /** The zero bytes are the end of the segment that is followed by them. */
  private void segment(ByteBuffer to, int flags, int offset, int base, int bytes, int zeroAt) {
    to.putInt(PT_LOAD).putInt(flags).putLong(offset).putLong(base).putLong(base);
    to.putLong(bytes).putLong(zeroAt == 0 ? bytes : zeroAt + zeroBytes).putLong(PAGE);
  }
}
