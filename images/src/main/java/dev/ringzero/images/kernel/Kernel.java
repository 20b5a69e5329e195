package dev.ringzero.images.kernel;

/** A kernel that can be booted, as its file holds it. */
public sealed interface Kernel permits BzImage, ElfKernel, MultibootKernel, ResidentKernel {}
