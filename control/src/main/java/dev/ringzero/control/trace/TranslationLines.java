package dev.ringzero.control.trace;

import dev.ringzero.control.run.GuestRun;
import dev.ringzero.engine.TranslatedBlock;
import dev.ringzero.engine.TranslatedBlock.HostInstruction;
import dev.ringzero.engine.TranslatedBlock.Part;
import dev.ringzero.engine.VirtualCpu;
import java.util.ArrayList;
import java.util.List;

/** Guest instructions beside the host code made from them, as text. */
public final class TranslationLines {
  private static final int GUEST_COLUMNS = 52;

  private TranslationLines() {}

  /**
   * The translations that hold the instruction at a linear address, of every processor that has
   * one.
   *
   * @throws IllegalArgumentException if there is none, saying why
   */
  public static List<String> of(GuestRun run, long gva) {
    List<String> lines = new ArrayList<>();
    boolean mapped = false;
    run.machine().pause();
    try {
      for (VirtualCpu cpu : run.cpus()) {
        mapped |= cpu.translate(gva) >= 0;
        for (TranslatedBlock block : cpu.translations(gva)) {
          lines.add("cpu%d %s".formatted(cpu.id(), block.mode()));
          block.parts().forEach(part -> add(lines, part));
        }
      }
    } finally {
      run.machine().resume();
    }
    if (lines.isEmpty()) {
      throw new IllegalArgumentException(
          "nothing is translated at %x: %s"
              .formatted(
                  gva,
                  mapped
                      ? "no instruction that begins there has run as host code"
                      : "no processor has it mapped now"));
    }
    return lines;
  }

  private static void add(List<String> lines, Part part) {
    String guest = "%016x  %s".formatted(part.gva(), part.guest());
    if (part.host().isEmpty()) {
      lines.add(guest);
    }
    for (HostInstruction host : part.host()) {
      lines.add(
          ("%-" + GUEST_COLUMNS + "s | %07x  %s").formatted(guest, host.position(), host.text()));
      guest = "";
    }
  }
}
