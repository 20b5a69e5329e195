package dev.ringzero.vmm.machine;

import dev.ringzero.network.NetworkAttachment;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * A network card.
 *
 * @param network to which it is plugged
 * @param mac its address; chosen by the machine's name if empty
 * @param mtu the longest packet; the network's if empty
 * @param queues pairs of queues; one for each processor if empty, up to four
 * @param address what our own guest gives itself: dhcp, none, or an address with its prefix; the
 *     network's way if empty
 * @param virtualFunctions how many the guest can make of it, up to seven
 * @param model what it is to the guest
 */
public record CardConfiguration(
    NetworkAttachment network,
    OptionalLong mac,
    OptionalInt mtu,
    OptionalInt queues,
    Optional<String> address,
    int virtualFunctions,
    CardModel model) {
  /** A virtio card. */
  public CardConfiguration(
      NetworkAttachment network,
      OptionalLong mac,
      OptionalInt mtu,
      OptionalInt queues,
      Optional<String> address,
      int virtualFunctions) {
    this(network, mac, mtu, queues, address, virtualFunctions, CardModel.VIRTIO);
  }

  /** A card without virtual functions. */
  public CardConfiguration(
      NetworkAttachment network,
      OptionalLong mac,
      OptionalInt mtu,
      OptionalInt queues,
      Optional<String> address) {
    this(network, mac, mtu, queues, address, 0);
  }

  /** An ordinary card. */
  public CardConfiguration(NetworkAttachment network) {
    this(network, OptionalLong.empty(), OptionalInt.empty(), OptionalInt.empty(), Optional.empty());
  }
}
