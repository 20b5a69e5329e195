package dev.ringzero.cli.bench.disk;

import dev.ringzero.cli.bench.Program;
import dev.ringzero.cli.bench.Session;
import dev.ringzero.cli.bench.Suite;
import dev.ringzero.cli.bench.guest.GuestConsole.Outcome;
import dev.ringzero.cli.bench.guest.Station;
import dev.ringzero.cli.bench.subject.Guest;
import dev.ringzero.cli.bench.subject.GuestException;
import dev.ringzero.cli.bench.subject.Native;
import dev.ringzero.cli.bench.subject.Qemu;
import dev.ringzero.cli.bench.subject.RingZero;
import dev.ringzero.cli.bench.subject.Subject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * Requests to a virtio disk on a raw file, past the guest's cache, with the host's: on RingZero and
 * on QEMU with the same device, whose guests stay up and take turns.
 */
public final class DiskSuite implements Suite {
  private static final String MACHINE = "bench-disk-" + ProcessHandle.current().pid();

  @Override
  public List<Program> programs() {
    return DiskProgram.ALL.stream().map(DiskProgram::program).toList();
  }

  @Override
  public void measure(List<Program> chosen, Session session)
      throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory("ringzero-bench-");
    List<Station> stations = new ArrayList<>();
    try {
      Guest guest = DiskGuest.prepare(folder, session.cache(), session.progress());
      for (Subject subject : session.subjects().all()) {
        if (!(subject instanceof Native)) {
          stations.add(start(subject, guest, folder, session));
        }
      }
      for (DiskProgram program : DiskProgram.ALL) {
        if (chosen.contains(program.program())) {
          measure(program, stations, session);
        }
      }
    } finally {
      stations.forEach(Station::close);
      delete(folder);
    }
  }

  private static Station start(Subject subject, Guest guest, Path folder, Session session)
      throws IOException, InterruptedException {
    Path disk = folder.resolve(subject.key() + ".img");
    DiskGuest.writeDisk(disk);
    session.tell("starting " + subject.name() + " with a disk");
    Station station = new Station(subject, command(subject, guest, disk));
    try {
      station.start();
    } catch (GuestException e) {
      session.tell(subject.name() + " did not start: " + e.getMessage());
    }
    return station;
  }

  private static List<String> command(Subject subject, Guest guest, Path disk) {
    List<String> command;
    if (subject instanceof Qemu qemu) {
      command = new ArrayList<>(qemu.with(Qemu.KernelForm.PVH).command(guest));
      command.addAll(
          List.of(
              "-drive",
              "file=" + disk + ",if=none,id=disk0,format=raw,cache=writeback",
              "-device",
              "virtio-blk-pci,drive=disk0"));
    } else {
      command = new ArrayList<>(subject.command(guest));
      command.addAll(List.of("--disk", disk + ",format=raw", "--name", MACHINE));
    }
    return command;
  }

  private static void measure(DiskProgram program, List<Station> stations, Session session)
      throws IOException, InterruptedException {
    OptionalLong before = ExitCount.of(MACHINE);
    for (int round : session.rounds()) {
      List<Station> order = new ArrayList<>(stations);
      Collections.rotate(order, round);
      for (Station station : order) {
        if (session.results().failure(program.program(), station.subject()).isEmpty()) {
          take(program, station, session, round > 0);
        }
      }
    }
    session.tellTimes(program.program());
    for (Station station : stations) {
      tellRates(program, station.subject(), session, before);
    }
  }

  private static void take(DiskProgram program, Station station, Session session, boolean counted)
      throws InterruptedException {
    Subject subject = station.subject();
    try {
      Outcome outcome = station.run(program.program().name());
      if (outcome.status() != 0 || !outcome.result().equals("right")) {
        session.results().fail(program.program(), subject, outcome.result());
      } else if (counted) {
        session.results().add(program.program(), subject, outcome.seconds(session.clock()));
      }
    } catch (GuestException e) {
      session.results().fail(program.program(), subject, e.getMessage());
    }
  }

  private static void tellRates(
      DiskProgram program, Subject subject, Session session, OptionalLong before) {
    session
        .results()
        .series(program.program(), subject)
        .ifPresent(series -> {
          double requests = program.requests() / series.median();
          double mebibytes = requests * program.bytes() / (1 << 20);
          String exits = "";
          OptionalLong after = subject instanceof RingZero ? ExitCount.of(MACHINE) : before;
          if (subject instanceof RingZero && before.isPresent() && after.isPresent()) {
            long all = (long) program.requests() * session.rounds().size();
            exits =
                ", %.1f exits a request"
                    .formatted((double) (after.getAsLong() - before.getAsLong()) / all);
          }
          session.tell(
              "  %s: %,.0f requests/s, %,.0f MiB/s%s"
                  .formatted(subject.name(), requests, mebibytes, exits));
        });
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
