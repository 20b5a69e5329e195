package dev.ringzero.cli.bench.network;

import dev.ringzero.cli.bench.subject.Guest;
import dev.ringzero.cli.bench.subject.RingZero;
import dev.ringzero.cli.bench.subject.Subject;
import dev.ringzero.vmm.machine.CardModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Ourselves, with the card between two guests of one process reached in one of several ways.
 *
 * @param word its name
 * @param model what the cards are
 * @param uplink where the cable of the host's card leads; empty where the host has none
 * @param first options of the first guest, with {@code %s} for the host's name
 * @param second those of the second
 */
record Way(
    String word,
    String how,
    CardModel model,
    Optional<String> uplink,
    List<String> first,
    List<String> second)
    implements Subject {
  private static final String USUAL = "virtio";
  private static final List<String> BRIDGE = List.of("--host=%s", "--net=bridge=b");
  private static final List<String> PLAIN =
      List.of("--host=%s", "--net=bridge=b,model=virtio-plain");

  static final List<Way> ALL =
      List.of(
          new Way(
              "virtio-plain",
              "virtio without the event index, at a switch in the guests' process",
              CardModel.VIRTIO_PLAIN,
              Optional.empty(),
              PLAIN,
              PLAIN),
          new Way(
              USUAL,
              "virtio with notification suppression, at a switch in the guests' process",
              CardModel.VIRTIO,
              Optional.empty(),
              BRIDGE,
              BRIDGE),
          new Way(
              "pf",
              "a whole card passed through to one guest, the other at its cable",
              CardModel.VIRTIO,
              Optional.of("bridge=b"),
              List.of("--device=%s:pf"),
              BRIDGE),
          new Way(
              "vf",
              "a virtual function of one card passed through to each guest",
              CardModel.VIRTIO,
              Optional.of("none"),
              List.of("--device=%s:vf0"),
              List.of("--device=%s:vf1")),
          new Way(
              "vf-82576",
              "the same of an Intel 82576, driven by igbvf of Debian's general kernel",
              CardModel.INTEL_82576,
              Optional.of("none"),
              List.of("--device=%s:vf0"),
              List.of("--device=%s:vf1")));

  /** The options of a guest. */
  List<String> card(String host, boolean isFirst) {
    return (isFirst ? first : second).stream().map(option -> option.formatted(host)).toList();
  }

  /** The usual one is our own column. */
  @Override
  public String key() {
    return word.equals(USUAL) ? new RingZero().key() : word;
  }

  /** All but the usual one. */
  static List<Way> others() {
    return ALL.stream().filter(way -> !way.word.equals(USUAL)).toList();
  }

  @Override
  public String name() {
    return word;
  }

  @Override
  public List<String> command(Guest guest) {
    List<String> command = new ArrayList<>(new RingZero().command(guest));
    command.addAll(List.of("--net", "nat"));
    return command;
  }
}
