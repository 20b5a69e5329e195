package dev.ringzero.control.snapshot;

import dev.ringzero.control.run.GuestRun;
import dev.ringzero.engine.Register;
import dev.ringzero.engine.VirtualCpu;
import dev.ringzero.vmm.machine.Console;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a guest's console says, line by line. */
final class GuestShell implements Console.Listener {
  private static final int PATIENCE_SECONDS = 120;

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
    StringBuilder said = new StringBuilder();
    while (true) {
      String next = lines.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
      if (next == null) {
        throw new AssertionError(
            "no answer to '%s' within %d s; the guest said:%n%s%s%n%s"
                .formatted(command, PATIENCE_SECONDS, said, line, whereItStands()));
      }
      Matcher found = pattern.matcher(next);
      if (found.matches()) {
        return found;
      }
      said.append(next).append('\n');
    }
  }

  /** What the processors do, and the host's threads: for the report of a guest that hangs. */
  private String whereItStands() {
    StringBuilder report = new StringBuilder();
    report.append("ended ").append(run.ended()).append(", paused ").append(run.isPaused());
    report.append(", waits for '").append(run.machine().waitsFor()).append("'\n");
    report.append(run.machine().times()).append('\n');
    run.pause();
    for (VirtualCpu cpu : run.cpus()) {
      report.append(
          "cpu %d: rip %x rsp %x rflags %x%n"
              .formatted(
                  cpu.id(),
                  cpu.register(Register.RIP),
                  cpu.register(Register.RSP),
                  cpu.register(Register.RFLAGS)));
    }
    run.resume();
    for (ThreadInfo thread : ManagementFactory.getThreadMXBean().dumpAllThreads(true, true, 20)) {
      report.append(thread);
    }
    return report.toString();
  }
}
