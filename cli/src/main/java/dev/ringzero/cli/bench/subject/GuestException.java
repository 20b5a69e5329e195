package dev.ringzero.cli.bench.subject;

import java.io.IOException;

/** A guest did not do what the benchmark asked for; the message is for people. */
public final class GuestException extends IOException {
  private static final long serialVersionUID = 1L;

  public GuestException(String message) {
    super(message);
  }
}
