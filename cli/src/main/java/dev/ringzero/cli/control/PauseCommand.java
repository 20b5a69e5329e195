package dev.ringzero.cli.control;

/** {@code rz pause}. */
public final class PauseCommand extends MachinesCommand {
  @Override
  public String name() {
    return "pause";
  }

  @Override
  public String summary() {
    return "make a guest stand still: its processors, its clock, its devices";
  }

  @Override
  String request() {
    return "pause";
  }
}
