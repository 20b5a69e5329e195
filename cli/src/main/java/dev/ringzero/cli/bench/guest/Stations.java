package dev.ringzero.cli.bench.guest;

import dev.ringzero.cli.bench.Session;
import dev.ringzero.cli.bench.subject.GuestException;
import dev.ringzero.cli.bench.subject.Native;
import dev.ringzero.cli.bench.subject.Qemu;
import dev.ringzero.cli.bench.subject.Subject;
import java.util.ArrayList;
import java.util.List;

/** A station for each subject. */
record Stations(List<Station> all) implements AutoCloseable {

  /** Starts all guests; one that does not come up fails each program in its turn. */
  static Stations start(GuestImage image, Session session) throws InterruptedException {
    Stations stations = new Stations(new ArrayList<>());
    for (Subject subject : session.subjects().all()) {
      session.tell("starting " + subject.name());
      Station station = new Station(subject, command(subject, image));
      stations.all.add(station);
      try {
        station.start();
      } catch (GuestException e) {
        session.tell(subject.name() + " did not start: " + e.getMessage());
      }
    }
    return stations;
  }

  private static List<String> command(Subject subject, GuestImage image) {
    return switch (subject) {
      case Native host -> host.command(image.root());
      case Qemu qemu -> qemu.with(Qemu.KernelForm.PVH).command(image.guest());
      default -> subject.command(image.guest());
    };
  }

  @Override
  public void close() {
    all.forEach(Station::close);
  }
}
