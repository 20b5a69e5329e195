package dev.ringzero.vmm.machine;

import dev.ringzero.engine.Entropy;
import java.security.SecureRandom;

/** Entropy from the host's generator. */
final class SystemEntropy implements Entropy {
  private final SecureRandom random = new SecureRandom();

  @Override
  public void fill(byte[] destination) {
    random.nextBytes(destination);
  }
}
