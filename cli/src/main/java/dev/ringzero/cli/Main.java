package dev.ringzero.cli;

/** The command {@code rz}. */
public final class Main {
  private Main() {}

  public static void main(String[] arguments) {
    System.err.println("rz: nothing here yet");
    System.exit(2);
  }
}
