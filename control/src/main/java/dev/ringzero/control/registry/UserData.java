package dev.ringzero.control.registry;

import java.nio.file.Path;

/** Where what a user keeps lies. */
public final class UserData {
  private UserData() {}

  /** {@code $XDG_DATA_HOME/ringzero}, or {@code ~/.local/share/ringzero}. */
  public static Path directory() {
    String data = System.getenv("XDG_DATA_HOME");
    Path base = data != null && !data.isBlank() ? Path.of(data) : home().resolve(".local/share");
    return base.resolve("ringzero");
  }

  private static Path home() {
    String home = System.getenv("HOME");
    return Path.of(home != null && !home.isBlank() ? home : System.getProperty("user.home"));
  }
}
