package dev.ringzero.cli.run;

import dev.ringzero.cli.ExitStatus;
import dev.ringzero.cli.UsageException;
import dev.ringzero.cli.control.AttachedConsole;
import dev.ringzero.cli.terminal.Terminal;
import dev.ringzero.control.directory.ControlDirectory;
import dev.ringzero.control.process.ProcessDirectory;
import dev.ringzero.control.process.SharedProcess;
import dev.ringzero.control.protocol.Json;
import dev.ringzero.control.protocol.Json.MalformedJsonException;
import dev.ringzero.control.protocol.MessageChannel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Option;

/** {@code rz run --host}: asks a process with other machines to run one more, and stays with it. */
final class HostClient {
  /** Options whose values begin with a path, which means another file elsewhere. */
  private static final Set<String> PATHS =
      Set.of("kernel", "initrd", "module", "disk", "share", "vsock", "serial");

  private static final Set<String> OURS = Set.of("host", "detach");

  private final MessageChannel channel;
  private final RunOptions options;
  private Optional<Terminal> terminal = Optional.empty();
  private boolean attached;

  private HostClient(MessageChannel channel, RunOptions options) {
    this.channel = channel;
    this.options = options;
  }

  /** Runs a machine in the host that the options name. */
  static int run(CommandLine line, RunOptions options) throws IOException {
    try (MessageChannel channel =
        new MessageChannel(
            SharedProcess.HOST
                .connect(ProcessDirectory.ofHosts(), options.host().orElseThrow(), List.of())
                .channel())) {
      return new HostClient(channel, options).run(arguments(line));
    } catch (IOException e) {
      throw new UsageException(e.getMessage());
    }
  }

  private static List<String> arguments(CommandLine line) {
    List<String> arguments = new ArrayList<>();
    for (Option option : line.getOptions()) {
      String name = option.getLongOpt();
      if (OURS.contains(name)) {
        continue;
      }
      String value = option.getValue();
      arguments.add("--" + name + (value == null ? "" : "=" + whereverRead(name, value)));
    }
    return arguments;
  }

  private static String whereverRead(String option, String value) {
    boolean path = PATHS.contains(option) || option.equals("image") && value.contains("/");
    return path && !value.startsWith("/") ? Path.of("").toAbsolutePath() + "/" + value : value;
  }

  private int run(List<String> arguments) throws IOException {
    boolean interactive =
        options.command().isEmpty() && options.serial().isEmpty() && !options.detached();
    terminal = interactive ? Terminal.take() : Optional.empty();
    Thread restore = new Thread(this::restore);
    Runtime.getRuntime().addShutdownHook(restore);
    Map<String, Object> request = new LinkedHashMap<>();
    request.put("do", "run");
    request.put("arguments", arguments);
    request.put("detached", options.detached());
    request.put("typesAtOnce", interactive && terminal.isEmpty());
    terminal
        .map(Terminal::size)
        .ifPresent(size -> {
          request.put("rows", size.rows());
          request.put("columns", size.columns());
          request.put("term", System.getenv().getOrDefault("TERM", "vt100"));
        });
    channel.write(request);
    try {
      return follow(interactive);
    } finally {
      restore();
    }
  }

  private void restore() {
    terminal.ifPresent(Terminal::close);
  }

  private int follow(boolean interactive) throws IOException {
    Thread console = null;
    for (String line = channel.readLine(); line != null; line = channel.readLine()) {
      Map<String, Object> frame = read(line);
      if (frame.get("out") instanceof String bytes) {
        System.out.write(Base64.getDecoder().decode(bytes));
        System.out.flush();
      } else if (frame.get("err") instanceof String bytes) {
        say(Base64.getDecoder().decode(bytes));
      } else if (frame.get("started") instanceof String name) {
        if (options.detached()) {
          System.out.println(name);
          return ExitStatus.OK;
        }
        attached = interactive;
        console = interactive ? attach(name) : null;
      } else if (frame.get("status") instanceof Long status) {
        await(console);
        return status.intValue();
      }
    }
    throw new IOException("host " + options.host().orElseThrow() + " has ended");
  }

  /** A raw terminal goes down a line and stays in its column. */
  private void say(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    System.err.print(attached && terminal.isPresent() ? text.replace("\n", "\r\n") : text);
  }

  private static Map<String, Object> read(String line) throws IOException {
    try {
      return Json.read(line);
    } catch (MalformedJsonException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private Thread attach(String name) {
    return Thread.ofPlatform()
        .name("console")
        .daemon()
        .start(() -> {
          try (MessageChannel to = connect(name)) {
            if (to != null) {
              new AttachedConsole(to, name, terminal, true, () -> kill(name)).connect();
            }
          } catch (IOException e) {
            // The machine has ended, of which the host tells.
          }
        });
  }

  private static MessageChannel connect(String name) {
    return ControlDirectory.ofUser().connect(name).map(MessageChannel::new).orElse(null);
  }

  private static void kill(String name) {
    try (MessageChannel to = connect(name)) {
      if (to != null) {
        to.ask(Map.of("do", "kill"));
      }
    } catch (IOException e) {
      // It has ended already.
    }
  }

  /** What the guest printed last is shown before its end is. */
  private static void await(Thread console) {
    try {
      if (console != null) {
        console.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
