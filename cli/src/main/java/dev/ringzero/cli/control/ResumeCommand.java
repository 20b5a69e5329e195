package dev.ringzero.cli.control;

/** {@code rz resume}. */
public final class ResumeCommand extends MachinesCommand {
  @Override
  public String name() {
    return "resume";
  }

  @Override
  public String summary() {
    return "let a guest go on that rz pause made stand still";
  }

  @Override
  String request() {
    return "resume";
  }
}
