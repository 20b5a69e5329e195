package dev.ringzero.cpu.interpreter;

/**
 * Where a direct branch led. It holds for one processor, in one state of its translations, and for
 * one place where the branch's page is mapped.
 *
 * @param context of the processor, see {@link Context}
 * @param base RIP of the first byte of the branch's page
 * @param block the block that it led to
 */
record Link(long context, long base, Block block) {}
