package dev.ringzero.images.disk;

import java.io.IOException;

/** The host has no room for a write now; nothing that was there before is lost. */
public final class DiskFullException extends IOException {
  private static final long serialVersionUID = 1L;

  public DiskFullException(String message, IOException cause) {
    super(message, cause);
  }

  /** The same failure, recognised if it is want of room. */
  public static IOException of(Object what, IOException e) {
    String reason = String.valueOf(e.getMessage());
    boolean full = reason.contains("No space left") || reason.contains("quota exceeded");
    return full ? new DiskFullException("no space left for " + what, e) : e;
  }
}
