package dev.ringzero.cli.bench.subject;

import dev.ringzero.control.process.OwnCommandLine;
import java.util.ArrayList;
import java.util.List;

/** Ourselves, started anew, so that the JVM's start counts as it does for a user. */
public final class RingZero implements Subject {
  @Override
  public String key() {
    return "ringzero";
  }

  @Override
  public String name() {
    return "RingZero";
  }

  @Override
  public String how() {
    return "rz run, its own processor with the translator";
  }

  @Override
  public List<String> command(Guest guest) {
    List<String> command = rz("run", "--kernel", guest.kernel().toString());
    command.addAll(
        List.of(
            "--initrd", guest.initrd().toString(),
            "--memory", guest.memoryMebibytes() + "M",
            "--cpus", Integer.toString(guest.cpus()),
            "--append", guest.append()));
    return command;
  }

  /** A command of ours: the words with which this JVM was started, with another command. */
  public List<String> rz(String... words) {
    ProcessHandle.Info self = ProcessHandle.current().info();
    List<String> command = new ArrayList<>(List.of(self.command().orElseThrow()));
    for (String word : OwnCommandLine.arguments()) {
      if (word.equals("bench")) {
        break;
      }
      command.add(word);
    }
    command.addAll(List.of(words));
    return command;
  }
}
