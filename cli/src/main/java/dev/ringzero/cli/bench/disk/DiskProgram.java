package dev.ringzero.cli.bench.disk;

import dev.ringzero.cli.bench.Group;
import dev.ringzero.cli.bench.Program;
import java.util.List;

/**
 * Requests of one kind to a disk.
 *
 * @param requests how many, by all processes together
 * @param processes of which each waits for one request at a time
 */
record DiskProgram(
    Program program, boolean writing, boolean random, int bytes, int requests, int processes) {
  private static final int SMALL = 4 << 10;
  private static final int LARGE = 1 << 20;

  static final List<DiskProgram> ALL =
      List.of(
          of("disk-read", "reads 512 MiB in order, 1 MiB a request", false, false, LARGE, 512, 1),
          of("disk-write", "writes 256 MiB in order and flushes", true, false, LARGE, 256, 1),
          of("disk-random-read", "reads 4 KiB at random, one by one", false, true, SMALL, 8000, 1),
          of("disk-random-write", "writes 4 KiB at random, one by one", true, true, SMALL, 8000, 1),
          of(
              "disk-deep-read",
              "reads 4 KiB at random, 16 at a time",
              false,
              true,
              SMALL,
              16000,
              16));

  private static DiskProgram of(
      String name,
      String summary,
      boolean writing,
      boolean random,
      int bytes,
      int requests,
      int processes) {
    Program program = new Program(name, Group.DISK, summary);
    return new DiskProgram(program, writing, random, bytes, requests, processes);
  }

  /** How the guest does it, for its driver. */
  String script(String common) {
    return common
        + "work() {\n  /tmp/disk %s %s %d %d %d\n}\n"
            .formatted(
                writing ? "write" : "read",
                random ? "random" : "ordered",
                bytes,
                requests,
                processes);
  }
}
