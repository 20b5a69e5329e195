package dev.ringzero.cli.command;

import dev.ringzero.cli.UsageException;
import dev.ringzero.cli.bench.BenchCommand;
import dev.ringzero.cli.compare.CompareCommand;
import dev.ringzero.cli.control.AttachCommand;
import dev.ringzero.cli.control.BalloonCommand;
import dev.ringzero.cli.control.DeviceCommand;
import dev.ringzero.cli.control.ExecCommand;
import dev.ringzero.cli.control.ForkCommand;
import dev.ringzero.cli.control.InspectCommand;
import dev.ringzero.cli.control.KillCommand;
import dev.ringzero.cli.control.PauseCommand;
import dev.ringzero.cli.control.PsCommand;
import dev.ringzero.cli.control.ResumeCommand;
import dev.ringzero.cli.control.SnapshotCommand;
import dev.ringzero.cli.control.StatCommand;
import dev.ringzero.cli.control.StopCommand;
import dev.ringzero.cli.control.TopCommand;
import dev.ringzero.cli.control.TraceCommand;
import dev.ringzero.cli.copy.CpCommand;
import dev.ringzero.cli.disk.DiskCommand;
import dev.ringzero.cli.doctor.DoctorCommand;
import dev.ringzero.cli.host.HostCommand;
import dev.ringzero.cli.host.NicCommand;
import dev.ringzero.cli.image.ImageCommand;
import dev.ringzero.cli.lab.LabCommand;
import dev.ringzero.cli.network.CaptureCommand;
import dev.ringzero.cli.network.LinkCommand;
import dev.ringzero.cli.network.SwitchCommand;
import dev.ringzero.cli.registry.CreateCommand;
import dev.ringzero.cli.registry.LogsCommand;
import dev.ringzero.cli.registry.LsCommand;
import dev.ringzero.cli.registry.RmCommand;
import dev.ringzero.cli.registry.StartCommand;
import dev.ringzero.cli.run.KeepTranslationsCommand;
import dev.ringzero.cli.run.RunCommand;
import dev.ringzero.cli.selftest.SelftestCommand;
import dev.ringzero.cli.serve.ServeCommand;
import java.util.List;

/** All commands. Only the one that is asked for is made. */
public final class Commands {
  /** Commands of one purpose, under the heading by which help shows them. */
  record Group(String heading, List<String> names) {}

  static final List<Group> GROUPS =
      List.of(
          new Group(
              "Machines",
              List.of(
                  "run", "ps", "attach", "exec", "cp", "pause", "resume", "stop", "kill", "balloon",
                  "device")),
          new Group(
              "Machines that are kept", List.of("create", "start", "ls", "logs", "rm", "serve")),
          new Group("Copies", List.of("snapshot", "fork")),
          new Group("See inside", List.of("top", "stat", "trace", "inspect", "compare")),
          new Group("Networks", List.of("switch", "link", "capture", "nic", "lab")),
          new Group("Disks and hosts", List.of("disk", "image", "host")),
          new Group("RingZero itself", List.of("doctor", "selftest", "bench")),
          new Group("This command", List.of("completion", "help", "version")));

  /** The names of all, in the order in which help shows them. */
  public static final List<String> NAMES =
      GROUPS.stream().flatMap(group -> group.names().stream()).toList();

  private Commands() {}

  /** The command of that name. */
  public static Command named(String name) {
    return switch (name) {
      case "run" -> new RunCommand();
      case "keep-translations" -> new KeepTranslationsCommand();
      case "create" -> new CreateCommand();
      case "start" -> new StartCommand();
      case "ls" -> new LsCommand();
      case "rm" -> new RmCommand();
      case "logs" -> new LogsCommand();
      case "serve" -> new ServeCommand();
      case "ps" -> new PsCommand();
      case "top" -> new TopCommand();
      case "stat" -> new StatCommand();
      case "attach" -> new AttachCommand();
      case "pause" -> new PauseCommand();
      case "resume" -> new ResumeCommand();
      case "snapshot" -> new SnapshotCommand();
      case "fork" -> new ForkCommand();
      case "stop" -> new StopCommand();
      case "kill" -> new KillCommand();
      case "trace" -> new TraceCommand();
      case "inspect" -> new InspectCommand();
      case "compare" -> new CompareCommand();
      case "balloon" -> new BalloonCommand();
      case "device" -> new DeviceCommand();
      case "disk" -> new DiskCommand();
      case "image" -> new ImageCommand();
      case "exec" -> new ExecCommand();
      case "cp" -> new CpCommand();
      case "lab" -> new LabCommand();
      case "host" -> new HostCommand();
      case "nic" -> new NicCommand();
      case "switch" -> new SwitchCommand();
      case "capture" -> new CaptureCommand();
      case "link" -> new LinkCommand();
      case "doctor" -> new DoctorCommand();
      case "selftest" -> new SelftestCommand();
      case "bench" -> new BenchCommand();
      case "completion" -> new CompletionCommand();
      case "help", "--help", "-h" -> new HelpCommand();
      case "version", "--version", "-V" -> new VersionCommand();
      default -> throw new UsageException(unknown(name));
    };
  }

  private static String unknown(String name) {
    if (name.startsWith("-")) {
      return "an option comes behind its command, as in rz run " + name + " (see rz help)";
    }
    return "unknown command "
        + name
        + Nearest.to(name, NAMES).map(near -> "; did you mean " + near + "?").orElse("")
        + " (see rz help)";
  }
}
