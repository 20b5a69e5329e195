package dev.ringzero.images.kernel;

/** The kernel of a machine that is not booted but restored: its memory holds it already. */
public record ResidentKernel() implements Kernel {}
