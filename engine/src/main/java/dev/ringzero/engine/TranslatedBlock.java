package dev.ringzero.engine;

import java.util.List;

/**
 * A block of guest code beside the host code that was made from it, for people.
 *
 * @param mode what of the processor's mode the code is for
 * @param parts in the order in which they lie in host memory
 */
public record TranslatedBlock(String mode, List<Part> parts) {
  /**
   * Host code for one purpose.
   *
   * @param gva where the guest instruction lies; of the block, if it is for none
   * @param guest text of the guest instruction, or of what the host code is for
   * @param host the host instructions
   */
  public record Part(long gva, String guest, List<HostInstruction> host) {}

  /**
   * An instruction of the host.
   *
   * @param position where it lies in the code memory
   */
  public record HostInstruction(long position, String text) {}
}
