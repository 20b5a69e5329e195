package dev.ringzero.control.snapshot;

import dev.ringzero.control.run.GuestRun;
import dev.ringzero.vmm.machine.Console;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a guest's console says, line by line. */
final class GuestShell implements Console.Listener {
  private final GuestRun run;
  private final LinkedBlockingQueue<String> lines = new LinkedBlockingQueue<>();
  private final StringBuilder line = new StringBuilder();

  GuestShell(GuestRun run) {
    this.run = run;
    run.machine().console().addListener(this);
  }

  @Override
  public void output(byte[] bytes, int lengthBytes) {
    String text = new String(bytes, 0, lengthBytes, StandardCharsets.ISO_8859_1);
    for (char c : text.toCharArray()) {
      if (c == '\n') {
        lines.add(line.toString().strip());
        line.setLength(0);
      } else {
        line.append(c);
      }
    }
  }

  /** Types a command and waits for a line that is the answer. */
  Matcher ask(String command, String answer) throws InterruptedException {
    byte[] keys = (command + "\n").getBytes(StandardCharsets.US_ASCII);
    run.type(keys, keys.length);
    Pattern pattern = Pattern.compile(answer);
    while (true) {
      Matcher found = pattern.matcher(lines.take());
      if (found.matches()) {
        return found;
      }
    }
  }
}
