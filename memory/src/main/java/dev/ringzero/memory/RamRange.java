package dev.ringzero.memory;

/**
 * A piece of guest-physical space that is RAM.
 *
 * @param gpa first address, a multiple of 4096
 * @param lengthBytes a multiple of 4096
 */
public record RamRange(long gpa, long lengthBytes) {
  /** First address behind it. */
  public long end() {
    return gpa + lengthBytes;
  }

  public boolean contains(long address) {
    return address >= gpa && address < end();
  }
}
