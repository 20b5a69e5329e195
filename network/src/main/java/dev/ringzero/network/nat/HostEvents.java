package dev.ringzero.network.nat;

import java.nio.channels.SelectionKey;

/** Who a host socket's events are for. */
@FunctionalInterface
interface HostEvents {
  void ready(SelectionKey key);

  /** Something of ours went wrong: only this connection ends. */
  default void abandon() {}
}
