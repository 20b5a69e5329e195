package dev.ringzero.images.module;

import dev.ringzero.images.ImageException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A module of a kernel.
 *
 * @param name with underscores, as the kernel writes it
 * @param dependencies names of the modules that must be loaded before it
 * @param file its bytes, an ELF object
 */
public record KernelModule(String name, List<String> dependencies, byte[] file) {
  private static final int ELF_MAGIC = 0x464C_457F;
  private static final int SECTION_TABLE = 0x28; // e_shoff
  private static final int SECTION_COUNT = 0x3C; // e_shnum
  private static final int SECTION_NAMES = 0x3E; // e_shstrndx
  private static final int SECTION_BYTES = 64;
  private static final int SECTION_OFFSET = 0x18; // sh_offset
  private static final int SECTION_SIZE = 0x20; // sh_size
  private static final String INFORMATION = ".modinfo";

  /** Reads a module; what it says of itself is in its {@code .modinfo} section. */
  static KernelModule parse(String name, byte[] file) {
    List<String> dependencies = new ArrayList<>();
    for (String line : information(name, file).split("\0")) {
      if (line.startsWith("depends=")) {
        for (String needed : line.substring("depends=".length()).split(",")) {
          if (!needed.isEmpty()) {
            dependencies.add(canonical(needed));
          }
        }
      }
    }
    return new KernelModule(name, List.copyOf(dependencies), file);
  }

  /** The kernel makes no difference between dashes and underscores in names. */
  static String canonical(String name) {
    return name.replace('-', '_');
  }

  private static String information(String name, byte[] file) {
    ByteBuffer elf = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    try {
      if (elf.getInt(0) == ELF_MAGIC) {
        int names = section(elf, elf.getShort(SECTION_NAMES) & 0xFFFF);
        int namesAt = Math.toIntExact(elf.getLong(names + SECTION_OFFSET));
        for (int i = 0; i < (elf.getShort(SECTION_COUNT) & 0xFFFF); i++) {
          int section = section(elf, i);
          if (isNamed(elf, namesAt + elf.getInt(section))) {
            return text(elf, section);
          }
        }
      }
    } catch (IndexOutOfBoundsException | ArithmeticException e) {
      throw new ImageException("kernel module " + name + " is damaged", e);
    }
    throw new ImageException("kernel module " + name + " is damaged");
  }

  private static int section(ByteBuffer elf, int index) {
    return Math.addExact(Math.toIntExact(elf.getLong(SECTION_TABLE)), index * SECTION_BYTES);
  }

  private static boolean isNamed(ByteBuffer elf, int at) {
    for (int i = 0; i < INFORMATION.length(); i++) {
      if (elf.get(at + i) != INFORMATION.charAt(i)) {
        return false;
      }
    }
    return elf.get(at + INFORMATION.length()) == 0;
  }

  private static String text(ByteBuffer elf, int section) {
    int at = Math.toIntExact(elf.getLong(section + SECTION_OFFSET));
    int length = Math.toIntExact(elf.getLong(section + SECTION_SIZE));
    byte[] bytes = new byte[Math.clamp(length, 0, elf.capacity())];
    elf.get(at, bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
