package dev.ringzero.cli.doctor;

/** Whether machine code may be made at run time, which a translator needs. */
final class ExecutableMemoryCheck {
  private static final String SUBJECT = "executable memory";
  private static final long PAGE_BYTES = 4096;

  private ExecutableMemoryCheck() {}

  static Finding find() {
    try {
      return LibC.maps(PAGE_BYTES, LibC.PROT_READ | LibC.PROT_WRITE | LibC.PROT_EXEC)
          ? Finding.good(SUBJECT, "the host allows it")
          : Finding.missing(SUBJECT, "the host forbids it: guests are interpreted");
    } catch (Throwable e) {
      return Finding.missing(SUBJECT, "native calls are not allowed: guests are interpreted");
    }
  }
}
