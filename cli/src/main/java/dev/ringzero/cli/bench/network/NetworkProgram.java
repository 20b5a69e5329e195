package dev.ringzero.cli.bench.network;

import dev.ringzero.cli.bench.Group;
import dev.ringzero.cli.bench.Program;
import java.util.List;

/**
 * Traffic of one kind.
 *
 * @param letter of the protocol in {@code net.c}
 * @param toHost whether the other end is on the host, behind user-mode NAT, or another guest
 * @param count bytes, round trips or packets
 */
record NetworkProgram(Program program, char letter, boolean toHost, long count) {
  /** The program that lets the second guest serve; it is not measured. */
  static final String SERVE = "net-serve";

  static final int GUEST_PORT = 5001;
  private static final String HOST = "10.0.2.2";
  private static final String PARTNER = "10.1.1.2";
  private static final long MEBIBYTE = 1 << 20;

  static final List<NetworkProgram> ALL =
      List.of(
          of("net-host-send", "sends 512 MiB to the host over TCP", 'S', true, 512 * MEBIBYTE),
          of("net-host-receive", "gets 512 MiB from the host over TCP", 'G', true, 512 * MEBIBYTE),
          of("net-host-round-trip", "2000 round trips of a byte to the host", 'E', true, 2000),
          of("net-guest-send", "sends 256 MiB to another guest", 'S', false, 256 * MEBIBYTE),
          of("net-guest-receive", "gets 256 MiB from another guest", 'G', false, 256 * MEBIBYTE),
          of("net-guest-round-trip", "2000 round trips to another guest", 'E', false, 2000),
          of("net-guest-packets", "16000 packets of 64 bytes to another guest", 'P', false, 16000));

  private static NetworkProgram of(
      String name, String summary, char letter, boolean toHost, long count) {
    Program program = new Program(name, Group.NETWORK, summary);
    return new NetworkProgram(program, letter, toHost, count);
  }

  /** How the guest does it, for its driver. */
  String script(String common, int hostPort) {
    String to = toHost ? HOST + " " + hostPort : PARTNER + " " + GUEST_PORT;
    return common + "work() {\n  /tmp/net %c %s %d\n}\n".formatted(letter, to, count);
  }

  static String serveScript(String common) {
    return common
        + "PLACE=2\nwork() {\n  /tmp/net serve %d >/dev/null 2>&1 &\n  echo right\n}\n"
            .formatted(GUEST_PORT);
  }

  /** How many bytes of a stream; 0 for others. */
  long bytes() {
    return letter == 'S' || letter == 'G' ? count : 0;
  }

  /** What it is, for a table. */
  String words() {
    return switch (letter) {
      case 'S' -> "TCP, sending";
      case 'G' -> "TCP, receiving";
      case 'E' -> "round trips";
      default -> "packets of 64 bytes";
    };
  }

  /** The rate for people. */
  String rate(double seconds) {
    return switch (letter) {
      case 'S', 'G' -> "%,.0f MiB/s".formatted(count / seconds / MEBIBYTE);
      case 'E' -> "%,.0f microseconds a round trip".formatted(seconds / count * 1e6);
      default -> "%,.0f packets/s".formatted(count / seconds);
    };
  }
}
