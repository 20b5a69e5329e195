package dev.ringzero.images.disk.qcow2;

import java.io.IOException;

/** An image whose header or tables say what cannot be. */
public final class MalformedDiskException extends IOException {
  private static final long serialVersionUID = 1L;

  MalformedDiskException(String message) {
    super(message);
  }
}
