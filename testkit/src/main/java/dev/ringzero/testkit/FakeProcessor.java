package dev.ringzero.testkit;

import dev.ringzero.engine.CpuSignals;
import java.util.ArrayList;
import java.util.List;

/** A processor that remembers the signals it got. */
public final class FakeProcessor implements CpuSignals {
  private final List<String> signals = new ArrayList<>();

  @Override
  public void interrupt() {
    signals.add("INTR");
  }

  @Override
  public void nonMaskableInterrupt() {
    signals.add("NMI");
  }

  @Override
  public void init() {
    signals.add("INIT");
  }

  @Override
  public void startup(int vector) {
    signals.add("SIPI " + Integer.toHexString(vector));
  }

  /** Signals in order, and forgets them. */
  public List<String> takeSignals() {
    List<String> taken = List.copyOf(signals);
    signals.clear();
    return taken;
  }
}
