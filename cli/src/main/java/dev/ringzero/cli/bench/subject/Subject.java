package dev.ringzero.cli.bench.subject;

import java.util.List;

/** Something that runs guests: RingZero or a peer. */
public interface Subject {
  /** For programs, such as {@code qemu-tcg}; one word. */
  String key();

  /** For people, with the version. */
  String name();

  /** With which settings it runs, in a few words. */
  String how();

  /**
   * The command that boots a guest with its console on standard input and output. Further options
   * of the subject's own may be put behind it.
   */
  List<String> command(Guest guest);
}
