package dev.ringzero.cli.bench.nested;

import dev.ringzero.cli.bench.Group;
import dev.ringzero.cli.bench.Program;
import java.util.List;

/**
 * Something that a guest does whose monitor is itself in a guest, or what it is compared with.
 *
 * @param script what the outer guest's driver runs
 * @param expected what it prints
 */
record NestedProgram(Program program, String script, String expected) {
  /** Exits of one kind that are counted in a run. */
  static final int ROUNDS = 300_000;

  static final NestedProgram OUTER_COMPUTE = outer("compute", "47184", "arithmetic in a shell");
  static final NestedProgram INNER_COMPUTE = inner(OUTER_COMPUTE, "compute");
  static final NestedProgram OUTER_FORK = outer("fork", "300", "starts 300 programs from a shell");
  static final NestedProgram INNER_FORK = inner(OUTER_FORK, "fork");

  static final List<NestedProgram> ALL =
      List.of(
          rounds("cpuid", "CPUID"),
          rounds("hypercall", "VMCALL or VMMCALL"),
          rounds("port", "IN from a port of KVM's own"),
          OUTER_COMPUTE,
          INNER_COMPUTE,
          OUTER_FORK,
          INNER_FORK);

  private static NestedProgram rounds(String what, String name) {
    String summary = "%s, %,d times in a guest of the guest".formatted(name, ROUNDS);
    String work = "prepare() {\n  rounds %s %d\n}\n\nwork() {\n  go\n}\n".formatted(what, ROUNDS);
    return new NestedProgram(program(what, summary), work, "right");
  }

  private static NestedProgram outer(String what, String expected, String summary) {
    String work = "work() {\n  busybox sh $W/work.sh %s\n}\n".formatted(what);
    return new NestedProgram(program("outer-" + what, summary), work, expected);
  }

  private static NestedProgram inner(NestedProgram outer, String what) {
    String work = "prepare() {\n  linux\n}\n\nwork() {\n  ask %s\n}\n".formatted(what);
    String summary = outer.program.summary() + ", in a Linux inside the guest";
    return new NestedProgram(program("inner-" + what, summary), work, outer.expected);
  }

  private static Program program(String what, String summary) {
    return new Program("nested-" + what, Group.NESTED, summary);
  }
}
