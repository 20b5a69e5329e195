package dev.ringzero.engine;

/** See {@link InterruptSource#NONE}. */
final class UnwiredPin implements InterruptSource {
  @Override
  public boolean pending() {
    return false;
  }

  @Override
  public int acknowledge() {
    return -1;
  }

  @Override
  public int taskPriority() {
    return 0;
  }

  @Override
  public void taskPriority(int priorityClass) {}
}
