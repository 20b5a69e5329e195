package dev.ringzero.cli.bench.network;

import dev.ringzero.cli.bench.guest.GuestConsole.Outcome;
import dev.ringzero.cli.bench.guest.Station;
import dev.ringzero.cli.bench.subject.Guest;
import dev.ringzero.cli.bench.subject.GuestException;
import dev.ringzero.cli.bench.subject.Qemu;
import dev.ringzero.cli.bench.subject.Subject;
import java.io.IOException;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Two guests of one subject on one network, the second of which serves. */
final class Pair implements PathPair {
  static final String MACHINE = "bench-net-" + ProcessHandle.current().pid();

  private final Station first;
  private final Station second;

  Pair(Subject subject, Guest guest) throws IOException {
    int port = freePort();
    first = new Station(subject, command(subject, guest, true, port));
    second = new Station(subject, command(subject, guest, false, port));
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private static List<String> command(Subject subject, Guest guest, boolean first, int port) {
    if (subject instanceof Qemu qemu) {
      List<String> command = new ArrayList<>(qemu.with(Qemu.KernelForm.PVH).command(guest));
      String mac = "52:54:00:00:00:0" + (first ? 1 : 2);
      String wire = (first ? "listen" : "connect") + "=127.0.0.1:" + port;
      command.addAll(List.of("-netdev", "user,id=n0", "-device", "virtio-net-pci,netdev=n0"));
      command.addAll(List.of("-netdev", "socket,id=n1," + wire));
      command.addAll(List.of("-device", "virtio-net-pci,netdev=n1,mac=" + mac));
      return command;
    }
    List<String> command = new ArrayList<>(subject.command(guest));
    command.addAll(List.of("--net", "nat", "--allow-host", "--net", "switch=" + MACHINE));
    command.addAll(List.of("--name", MACHINE + (first ? "" : "-partner")));
    return command;
  }

  @Override
  public Subject subject() {
    return first.subject();
  }

  @Override
  public void start() throws GuestException, InterruptedException {
    first.start();
    second.start();
    Outcome serving = second.run(NetworkProgram.SERVE);
    if (serving.status() != 0) {
      throw new GuestException("the second guest does not serve: " + serving.result());
    }
  }

  @Override
  public Outcome run(NetworkProgram program) throws GuestException, InterruptedException {
    return first.run(program.program().name());
  }

  @Override
  public Duration cpuTime() {
    return first.cpuTime().plus(second.cpuTime());
  }

  @Override
  public MachineCounts counts() {
    return MachineCounts.NONE;
  }

  @Override
  public void close() {
    first.close();
    second.close();
  }
}
