package dev.ringzero.control.registry;

import dev.ringzero.control.process.ProcessDirectory;
import dev.ringzero.control.process.RzProcess;
import dev.ringzero.control.process.SharedProcess;
import dev.ringzero.control.protocol.Json;
import dev.ringzero.control.protocol.Json.MalformedJsonException;
import dev.ringzero.control.protocol.MessageChannel;
import dev.ringzero.control.registry.RegistryException.Kind;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/**
 * Starts machines that are kept, each in a process of its own that goes on whatever becomes of this
 * one, or in a host with others.
 */
public final class VmStarter {
  private final Registry registry;

  public VmStarter(Registry registry) {
    this.registry = registry;
  }

  /**
   * Starts a machine, and waits until it runs.
   *
   * @throws RegistryException if it runs already or cannot be started
   */
  public void start(String name) {
    RegisteredVm vm = registry.get(name);
    if (vm.state().status().isLive()) {
      throw new RegistryException(Kind.CONFLICT, "machine " + name + " runs already");
    }
    try {
      if (vm.configuration().host().isPresent()) {
        startIn(vm.configuration().host().get(), name);
      } else {
        startAlone(vm);
      }
    } catch (IOException e) {
      throw new RegistryException(
          Kind.FAILED, "cannot start machine %s: %s".formatted(name, e.getMessage()), e);
    }
  }

  private void startAlone(RegisteredVm vm) throws IOException {
    Process process =
        new ProcessBuilder(RzProcess.command(List.of("start", "--serve", vm.name())))
            .redirectInput(Path.of("/dev/null").toFile())
            .redirectError(ProcessBuilder.Redirect.appendTo(vm.monitorLog().toFile()))
            .start();
    try (BufferedReader output = process.inputReader()) {
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        if (line.equals(SharedProcess.READY)) {
          return;
        }
      }
    }
    throw notStarted(vm);
  }

  private RegistryException notStarted(RegisteredVm before) {
    VmState state = registry.get(before.name()).state();
    boolean told = !state.since().equals(before.state().since()) && !state.detail().isEmpty();
    return new RegistryException(
        Kind.WRONG,
        "machine %s did not start: %s"
            .formatted(
                before.name(),
                told ? state.detail() : "rz logs " + before.name() + " --monitor tells why"));
  }

  private void startIn(String host, String name) throws IOException {
    try (MessageChannel channel =
        new MessageChannel(
            SharedProcess.HOST.connect(ProcessDirectory.ofHosts(), host, List.of()).channel())) {
      channel.write(Map.of("do", "run", "kept", name, "detached", true));
      String said = "";
      for (String line = channel.readLine(); line != null; line = channel.readLine()) {
        Map<String, Object> frame = Json.read(line);
        if (frame.get("started") != null) {
          return;
        }
        if (frame.get("err") instanceof String bytes) {
          said = new String(Base64.getDecoder().decode(bytes), StandardCharsets.UTF_8).strip();
        }
      }
      throw new RegistryException(
          Kind.WRONG, "machine %s did not start: %s".formatted(name, said.replace("rz: ", "")));
    } catch (MalformedJsonException e) {
      throw new IOException(e.getMessage(), e);
    }
  }
}
