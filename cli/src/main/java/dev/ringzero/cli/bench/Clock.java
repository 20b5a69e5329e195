package dev.ringzero.cli.bench;

/** What is taken as a program's time. */
public enum Clock {
  /** Time that passes on the host. */
  WALL,

  /**
   * Time that the subject's process spends on the host's processors, in user and system mode: less
   * exact, and hardly moved by what else the host does.
   */
  CPU
}
