package dev.ringzero.x86.instruction;

/** Decodes instruction bytes by the instruction table. */
public final class Decoder {
  private Decoder() {}
}
