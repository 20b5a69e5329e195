package dev.ringzero.cli.bench;

/** Programs of one kind: each group has a geometric mean of its own. */
public enum Group {
  BOOT("boot"),
  COMPUTE("computing"),
  FLOAT("floating point and vectors"),
  ACCESS("memory access"),
  OS("operating system"),
  NETWORK("network"),
  PATHS("paths of a network card"),
  DISK("disk"),
  SNAPSHOT("snapshots"),
  DENSITY("density"),
  KERNELS("kernels"),
  MEMORY("memory virtualization"),
  NESTED("guests of guests");

  private final String title;

  Group(String title) {
    this.title = title;
  }

  /** For people. */
  public String title() {
    return title;
  }

  /** For programs. */
  public String key() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}
