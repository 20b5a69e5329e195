package dev.ringzero.vmm.boot;

import dev.ringzero.engine.Entropy;
import dev.ringzero.images.kernel.ElfKernel;
import dev.ringzero.images.kernel.SetupHeader;
import java.nio.ByteBuffer;

/**
 * Where an unpacked Linux kernel is put and runs. A kernel that can move is put at a random place
 * and runs at another one, as its own decompressor would choose them.
 *
 * @param gpa where its first segment goes
 * @param virtualOffset distance of its first virtual address from the start of the kernel mapping
 * @param random whether these are random
 * @spec Linux arch/x86/boot/compressed/kaslr.c, choose_random_location
 */
record KernelPlace(long gpa, long virtualOffset, boolean random) {
  private static final long KERNEL_IMAGE_SIZE = 1L << 30;
  private static final long MINIMUM_ALIGNMENT = 0x20_0000;

  static KernelPlace choose(ElfKernel kernel, BootRequest request, long limitGpa) {
    long linked = kernel.linkedGpa();
    boolean movable = kernel.relocations().isPresent() && !request.says("nokaslr");
    if (!movable) {
      return new KernelPlace(fitting(linked, kernel, limitGpa), linked, false);
    }
    long alignment =
        Math.max(
            MINIMUM_ALIGNMENT,
            kernel.header().map(SetupHeader::alignmentBytes).orElse(MINIMUM_ALIGNMENT));
    long virtualOffset =
        random(request.entropy(), linked, KERNEL_IMAGE_SIZE - kernel.initBytes(), alignment);
    // Options that hide memory from the kernel could hide the place of the kernel itself.
    boolean memoryHidden = request.sets("mem") || request.sets("memmap");
    long gpa =
        memoryHidden
            ? linked
            : random(request.entropy(), linked, limitGpa - kernel.initBytes(), alignment);
    return new KernelPlace(fitting(gpa, kernel, limitGpa), virtualOffset, true);
  }

  /** A random multiple of the alignment; the lowest one if there is no room for more. */
  private static long random(Entropy entropy, long lowest, long highest, long alignment) {
    long slots = (highest - lowest) / alignment + 1;
    if (slots <= 1) {
      return lowest;
    }
    byte[] bytes = new byte[Long.BYTES];
    entropy.fill(bytes);
    return lowest + Long.remainderUnsigned(ByteBuffer.wrap(bytes).getLong(), slots) * alignment;
  }

  static long fitting(long gpa, ElfKernel kernel, long limitGpa) {
    long end = gpa + kernel.initBytes();
    if (end > limitGpa) {
      throw new BootException(
          "memory is too small for this kernel, which needs "
              + Sizes.mebibytes(end)
              + " and room for the initrd; give more with --memory");
    }
    return gpa;
  }
}
