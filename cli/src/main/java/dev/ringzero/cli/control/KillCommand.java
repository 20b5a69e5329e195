package dev.ringzero.cli.control;

/** {@code rz kill}. */
public final class KillCommand extends MachinesCommand {
  @Override
  public String name() {
    return "kill";
  }

  @Override
  public String summary() {
    return "end a machine at once, as pulling the plug does";
  }

  @Override
  String request() {
    return "kill";
  }
}
