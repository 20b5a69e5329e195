package dev.ringzero.cli.bench.guest;

import dev.ringzero.cli.bench.Group;
import dev.ringzero.cli.bench.Program;
import dev.ringzero.cli.bench.Session;
import dev.ringzero.cli.bench.Suite;
import dev.ringzero.cli.bench.subject.Paging;
import dev.ringzero.cli.bench.subject.Qemu;
import dev.ringzero.cli.bench.subject.Subject;
import dev.ringzero.cli.bench.subject.Subjects;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What each way to virtualize memory costs: the same guest with extended page tables, without any
 * second table, with shadow tables, with direct paging, and on QEMU's translator. Extended page
 * tables are the measure: a ratio is how many times their time the other takes.
 */
public final class MemoryPrograms implements Suite {
  static final List<GuestProgram> ALL =
      List.of(
          of("compute", "arithmetic in busybox's shell: no page tables change"),
          of("fork-exec", "starts /bin/true from the shell"),
          of("faults", "touches fresh pages, copies some on write"),
          of("ping-pong", "two processes hand a byte to and fro"),
          of("switch", "24 processes with 64 pages each take turns"),
          of("remap", "maps, touches and unmaps one page"),
          of("protect", "takes and gives the right to write 64 pages"),
          of("fork-large", "forks 32 MiB; the child writes 16 pages"),
          of("copy-on-write", "forks 8 MiB; the child writes all of it"),
          of("sparse", "one page in each of 256 page tables"),
          of("huge-pages", "huge pages given, split and dropped"));

  private static GuestProgram of(String name, String summary) {
    return new GuestProgram(new Program("memory-" + name, Group.MEMORY, summary));
  }

  @Override
  public List<Program> programs() {
    return ALL.stream().map(GuestProgram::program).toList();
  }

  /** Ways in place of peers, but for QEMU's translator. */
  @Override
  public Subjects subjects(Subjects found) {
    List<Subject> peers = new ArrayList<>(Paging.OTHERS);
    found.peers().stream()
        .filter(peer -> peer instanceof Qemu qemu && qemu.accelerator() == Qemu.Accelerator.TCG)
        .forEach(peers::add);
    return new Subjects(found.ours(), peers, List.of());
  }

  @Override
  public boolean isAlone() {
    return true;
  }

  @Override
  public void measure(List<Program> chosen, Session session)
      throws IOException, InterruptedException {
    GuestImage image = GuestImage.prepare(session.cache(), session.progress());
    try (Stations stations = Stations.start(image, session)) {
      for (GuestProgram program : ALL) {
        if (chosen.contains(program.program())) {
          Rounds.measure(program, stations, session);
        }
      }
    }
  }
}
