package dev.ringzero.cpu.translator;

import java.util.ArrayList;
import java.util.List;

/** What is emitted behind a block, out of the way of its straight path. */
final class OutOfLine {
  private final List<Runnable> parts = new ArrayList<>();

  void add(Runnable part) {
    parts.add(part);
  }

  /** Emits all parts, and those that they add. */
  void emit() {
    for (int n = 0; n < parts.size(); n++) {
      parts.get(n).run();
    }
    parts.clear();
  }
}
