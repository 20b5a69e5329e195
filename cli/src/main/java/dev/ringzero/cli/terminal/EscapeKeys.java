package dev.ringzero.cli.terminal;

/**
 * Tells keys that are meant for us from those that are meant for the guest. Ctrl-A is the key in
 * front of ours: x leaves, h shows the keys, a or Ctrl-A again sends a Ctrl-A.
 */
public final class EscapeKeys {
  /** What the keys are, for people. */
  public static final String HELP =
      """
      Ctrl-A x   leave: stop the guest
      Ctrl-A h   show this
      Ctrl-A a   send a Ctrl-A to the guest
      """;

  private static final int CTRL_A = 1;

  private final Actions actions;
  private boolean escaped;

  /** Where keys go. */
  public interface Actions {
    /** Keys for the guest. */
    void send(byte[] data, int lengthBytes);

    /** The user leaves. */
    void leave();

    /** The user asks which keys there are. */
    void help();
  }

  public EscapeKeys(Actions actions) {
    this.actions = actions;
  }

  /** Takes keys as the terminal gives them. */
  public void typed(byte[] keys, int lengthBytes) {
    byte[] forGuest = new byte[lengthBytes];
    int count = 0;
    for (int i = 0; i < lengthBytes; i++) {
      if (escaped) {
        escaped = false;
        if (command(keys[i])) {
          forGuest[count++] = CTRL_A;
        }
      } else if (keys[i] == CTRL_A) {
        escaped = true;
      } else {
        forGuest[count++] = keys[i];
      }
    }
    if (count > 0) {
      actions.send(forGuest, count);
    }
  }

  /** Obeys the key behind Ctrl-A; says whether it stands for a Ctrl-A. */
  private boolean command(int key) {
    switch (key) {
      case 'x', 'X' -> actions.leave();
      case 'h', 'H', '?' -> actions.help();
      default -> {
        return key == 'a' || key == CTRL_A;
      }
    }
    return false;
  }
}
