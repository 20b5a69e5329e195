package dev.ringzero.vmm.memory;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** How a VM's memory can be virtualized on the software engine. */
public enum MemoryTechnique {
  /** The processor walks the guest's tables and the monitor's second-level table. */
  EPT,
  /** The processor walks tables that the monitor keeps in step with the guest's. */
  SHADOW,
  /**
   * The processor walks the guest's own tables, which hold machine addresses; a paravirtual kernel
   * has every change of them checked by the monitor.
   */
  DIRECT,
  /**
   * None: RAM lies in machine memory in one piece, given at once, and the processor walks the
   * guest's tables alone, as on a machine without a monitor. To measure what the others cost.
   */
  BARE;

  /** Those that virtualize. */
  public static final List<MemoryTechnique> VIRTUAL = List.of(EPT, SHADOW, DIRECT);

  /** The name that people write. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The technique of that name. */
  public static Optional<MemoryTechnique> of(String word) {
    return Arrays.stream(values()).filter(technique -> technique.word().equals(word)).findFirst();
  }
}
