package dev.ringzero.control.console;

import dev.ringzero.vmm.machine.Console;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Looks for a text in the output of a console. */
public final class TextWatch implements Console.Listener {
  private final byte[] text;
  private int matched;
  private final CountDownLatch seen = new CountDownLatch(1);

  /**
   * Looks for a text.
   *
   * @param text whose first character does not occur in it again
   */
  public TextWatch(String text) {
    this.text = text.getBytes(StandardCharsets.US_ASCII);
  }

  @Override
  public void output(byte[] bytes, int lengthBytes) {
    for (int i = 0; i < lengthBytes; i++) {
      see(bytes[i]);
    }
  }

  private void see(byte value) {
    if (value == text[matched]) {
      matched++;
      if (matched == text.length) {
        seen.countDown();
        matched = 0;
      }
    } else {
      matched = value == text[0] ? 1 : 0;
    }
  }

  /** Waits until the text has come. */
  public void await() throws InterruptedException {
    seen.await();
  }

  /** Waits until the text has come, but no longer than that; returns whether it has. */
  public boolean await(Duration limit) throws InterruptedException {
    return seen.await(limit.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** Whether the text has come. */
  public boolean seen() {
    return seen.getCount() == 0;
  }
}
