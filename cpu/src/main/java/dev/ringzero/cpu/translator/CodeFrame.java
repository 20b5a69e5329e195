package dev.ringzero.cpu.translator;

import java.util.Arrays;
import java.util.function.IntConsumer;

/** What one vCPU runs where a machine frame holds code: the translations of its content. */
final class CodeFrame {
  private static final int MOST_ENTERED = 1024;

  final TranslatedPage page;

  /** Places in the jump cache that lead here. */
  private int[] entered = new int[4];

  private int enteredCount;

  CodeFrame(TranslatedPage page) {
    this.page = page;
  }

  /** Notes a place in the jump cache that leads to a block of the frame. */
  void entered(int place) {
    if (enteredCount == MOST_ENTERED) {
      return;
    }
    if (enteredCount == entered.length) {
      entered = Arrays.copyOf(entered, 2 * enteredCount);
    }
    entered[enteredCount++] = place;
  }

  /**
   * Names the places that were noted.
   *
   * @return false, with none named, if there were more than are kept
   */
  boolean forEachEntered(IntConsumer action) {
    if (enteredCount == MOST_ENTERED) {
      return false;
    }
    for (int n = 0; n < enteredCount; n++) {
      action.accept(entered[n]);
    }
    return true;
  }
}
