package dev.ringzero.cli.lab;

import dev.ringzero.control.process.ProcessDirectory;
import dev.ringzero.control.protocol.MessageChannel;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The process in which the machines of a lab run, as it says itself what it is. */
record LabProcess(String name, long pid, List<String> machines, Map<?, ?> lab) {
  private static final Duration LONGEST_END = Duration.ofSeconds(30);

  /** Labs that run. */
  static List<LabProcess> all() {
    ProcessDirectory directory = ProcessDirectory.ofHosts();
    List<LabProcess> labs = new ArrayList<>();
    for (String name : directory.names()) {
      named(name).filter(process -> !process.lab.isEmpty()).ifPresent(labs::add);
    }
    return labs;
  }

  /** The host of that name, lab or not. */
  static Optional<LabProcess> named(String name) {
    try (MessageChannel channel = connect(name)) {
      if (channel == null) {
        return Optional.empty();
      }
      Map<String, Object> shown = channel.ask(Map.of("do", "show"));
      return Optional.of(
          new LabProcess(
              name,
              shown.get("pid") instanceof Long pid ? pid : 0,
              shown.get("machines") instanceof List<?> list
                  ? list.stream().map(String::valueOf).toList()
                  : List.of(),
              shown.get("lab") instanceof Map<?, ?> lab ? lab : Map.of()));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static MessageChannel connect(String name) {
    return ProcessDirectory.ofHosts().connect(name).map(MessageChannel::new).orElse(null);
  }

  /** Ends it with all its machines, and waits until nothing of it is left. */
  void end() throws IOException, InterruptedException {
    Optional<CompletableFuture<ProcessHandle>> exit =
        ProcessHandle.of(pid).map(ProcessHandle::onExit);
    try (MessageChannel channel = connect(name)) {
      if (channel != null) {
        channel.ask(Map.of("do", "end", "force", true));
      }
    }
    try {
      if (exit.isPresent()) {
        exit.get().get(LONGEST_END.toSeconds(), TimeUnit.SECONDS);
      }
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException(
          "lab %s was told to end, but process %d still runs".formatted(name, pid), e);
    }
  }
}
