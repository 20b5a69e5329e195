package dev.ringzero.images.initramfs;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * A program of our guest that makes its kernel draw a new key for its random numbers at once, which
 * no program of busybox can: {@code ioctl(open("/dev/urandom", O_RDWR), RNDRESEEDCRNG)}. A kernel
 * with a driver for the generation counter does this by itself.
 *
 * @spec System V ABI, "Object Files"; random(4)
 */
final class ReseedProgram {
  private static final long BASE = 0x40_0000;
  private static final int HEADER_BYTES = 64;
  private static final int PROGRAM_HEADER_BYTES = 56;
  private static final int START = HEADER_BYTES + PROGRAM_HEADER_BYTES;

  private static final short ET_EXEC = 2;
  private static final short EM_X86_64 = 62;
  private static final int PT_LOAD = 1;
  private static final int PF_READ_EXECUTE = 5;

  private static final String DEVICE = "/dev/urandom\0";

  private static final byte[] CODE = {
    (byte) 0xB8,
    2,
    0,
    0,
    0, // mov eax, open
    0x48,
    (byte) 0x8D,
    0x3D,
    32,
    0,
    0,
    0, // lea rdi, [rip + device]
    (byte) 0xBE,
    2,
    0,
    0,
    0, // mov esi, O_RDWR
    0x0F,
    0x05, // syscall
    (byte) 0x89,
    (byte) 0xC7, // mov edi, eax
    (byte) 0xBE,
    0x07,
    0x52,
    0,
    0, // mov esi, RNDRESEEDCRNG
    0x31,
    (byte) 0xD2, // xor edx, edx
    (byte) 0xB8,
    16,
    0,
    0,
    0, // mov eax, ioctl
    0x0F,
    0x05, // syscall
    (byte) 0x89,
    (byte) 0xC7, // mov edi, eax
    (byte) 0xB8,
    60,
    0,
    0,
    0, // mov eax, exit
    0x0F,
    0x05, // syscall
  };

  private ReseedProgram() {}

  /** The program as an ELF file. */
  static byte[] file() {
    byte[] device = DEVICE.getBytes(StandardCharsets.US_ASCII);
    int bytes = START + CODE.length + device.length;
    ByteBuffer file = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    file.put(new byte[] {0x7F, 'E', 'L', 'F', 2, 1, 1, 0}).putLong(0);
    file.putShort(ET_EXEC).putShort(EM_X86_64).putInt(1);
    file.putLong(BASE + START).putLong(HEADER_BYTES).putLong(0).putInt(0);
    file.putShort((short) HEADER_BYTES).putShort((short) PROGRAM_HEADER_BYTES).putShort((short) 1);
    file.putShort((short) 0).putShort((short) 0).putShort((short) 0);
    file.putInt(PT_LOAD).putInt(PF_READ_EXECUTE).putLong(0).putLong(BASE).putLong(BASE);
    file.putLong(bytes).putLong(bytes).putLong(0x1000);
    return file.put(CODE).put(device).array();
  }
}
