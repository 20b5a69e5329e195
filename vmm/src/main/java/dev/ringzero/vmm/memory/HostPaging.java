package dev.ringzero.vmm.memory;

import dev.ringzero.engine.VirtualCpu;
import dev.ringzero.x86.ExitReason;
import java.util.Map;
import java.util.Optional;

/** Memory that the host's kernel virtualizes, in whatever way its processor can. */
public final class HostPaging implements MemoryExits {
  @Override
  public String word() {
    return "host";
  }

  @Override
  public void attach(VirtualCpu cpu) {}

  @Override
  public Outcome handle(VirtualCpu cpu, ExitReason reason) {
    return Outcome.NOT_MINE;
  }

  @Override
  public Map<String, Long> figures() {
    return Map.of();
  }

  @Override
  public Optional<AddressWalk> walk(VirtualCpu cpu, long linear) {
    return Optional.empty();
  }

  @Override
  public void close() {}
}
