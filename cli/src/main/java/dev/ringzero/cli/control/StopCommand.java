package dev.ringzero.cli.control;

/** {@code rz stop}. */
public final class StopCommand extends MachinesCommand {
  @Override
  public String name() {
    return "stop";
  }

  @Override
  public String summary() {
    return "ask a guest to shut down, as its power button does";
  }

  @Override
  String request() {
    return "stop";
  }
}
