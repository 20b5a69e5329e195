package dev.ringzero.control.trace;

import dev.ringzero.control.trace.TraceKind.What;
import dev.ringzero.engine.Register;
import dev.ringzero.engine.Tracer;
import dev.ringzero.engine.VirtualCpu;
import dev.ringzero.x86.ExitReason;
import dev.ringzero.x86.ExitWords;
import dev.ringzero.x86.instruction.Disassembler;
import dev.ringzero.x86.instruction.Instruction;
import java.util.function.Consumer;

/** Writes what processors do, a line for each event. */
public final class TraceLines implements Tracer {
  private final TraceKind kind;
  private final Consumer<String> lines;

  /**
   * Traces events of one kind.
   *
   * @param lines called on the processors' threads
   */
  public TraceLines(TraceKind kind, Consumer<String> lines) {
    this.kind = kind;
    this.lines = lines;
  }

  @Override
  public boolean wantsInstructions() {
    return kind.what() == What.INSTRUCTIONS;
  }

  @Override
  public void instruction(VirtualCpu cpu, long gva, Instruction instruction) {
    if (kind.holds(gva)) {
      lines.accept(
          "cpu%d %016x %s".formatted(cpu.id(), gva, Disassembler.format(instruction, gva)));
    }
  }

  @Override
  public void event(VirtualCpu cpu, int vector, boolean external, int errorCode) {
    if (kind.what() == What.INTERRUPTS) {
      lines.accept(
          "cpu%d %016x %s vector %02x error %x"
              .formatted(
                  cpu.id(),
                  cpu.register(Register.RIP),
                  external ? "interrupt" : "exception",
                  vector,
                  errorCode));
    }
  }

  @Override
  public void exit(VirtualCpu cpu, ExitReason reason, long qualification, long gpa) {
    if (kind.what() == What.EXITS) {
      lines.accept(
          "cpu%d %016x to RingZero: %s%s%s"
              .formatted(
                  cpu.id(),
                  cpu.register(Register.RIP),
                  reason,
                  behindBlank(ExitWords.of(reason, qualification)),
                  touchesMemory(reason) ? " gpa %x".formatted(gpa) : ""));
    }
  }

  @Override
  public void innerExit(VirtualCpu cpu, String what, Instruction instruction) {
    if (kind.what() == What.EXITS) {
      lines.accept(
          "cpu%d %016x to the guest's monitor: %s%s"
              .formatted(
                  cpu.id(),
                  cpu.register(Register.RIP),
                  what,
                  instruction == null
                      ? ""
                      : " at " + Disassembler.format(instruction, cpu.register(Register.RIP))));
    }
  }

  private static String behindBlank(String words) {
    return words.isEmpty() ? "" : " " + words;
  }

  private static boolean touchesMemory(ExitReason reason) {
    return switch (reason) {
      case EPT_VIOLATION, EPT_MISCONFIGURATION, MMIO -> true;
      default -> false;
    };
  }
}
