package dev.ringzero.network;

import dev.ringzero.engine.wire.Wire;

/** A place where a network card, or another network, plugs in. */
public interface Port extends Wire, AutoCloseable {
  /** Unplugs. */
  @Override
  void close();
}
