package dev.ringzero.testkit.guest;

/** The memory of a bare-metal guest, whichever engine it belongs to. */
public interface BareMetalRam {
  void write(long gpa, byte[] source);

  long read64(long gpa);

  /** Gives memory where the guest touched some for the first time; false if there is none. */
  boolean touch(long gpa);
}
