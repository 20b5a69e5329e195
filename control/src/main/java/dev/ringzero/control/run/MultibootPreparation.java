package dev.ringzero.control.run;

import dev.ringzero.images.HostFileTrouble;
import dev.ringzero.images.ImageException;
import dev.ringzero.images.kernel.MultibootKernel;
import dev.ringzero.images.kernel.MultibootKernel.Module;
import dev.ringzero.vmm.machine.MachineConfiguration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Turns a multiboot kernel and the files that go with it into what a machine is built from. */
final class MultibootPreparation {
  private MultibootPreparation() {}

  static MachineConfiguration prepare(MultibootKernel kernel, RunRequest request, String name) {
    if (request.command().isPresent() || request.image().isPresent()) {
      throw new ImageException(
          "--exec and --image are for Linux kernels, and this is a multiboot kernel");
    }
    List<Module> modules = new ArrayList<>();
    request.initrd().ifPresent(file -> modules.add(module(file, file.toString())));
    for (String words : request.modules()) {
      modules.add(module(Path.of(words.split(" ", 2)[0]), words));
    }
    String commandLine = request.kernel().orElseThrow().getFileName().toString();
    return new MachineConfiguration(
        name,
        request.memoryBytes(),
        request.cpus(),
        kernel.with(modules),
        Optional.empty(),
        request.append().map(words -> commandLine + " " + words).orElse(commandLine),
        request.disks(),
        request.cards(),
        request.links(),
        request.engine());
  }

  private static Module module(Path file, String words) {
    try {
      return new Module(Files.readAllBytes(file), words);
    } catch (IOException e) {
      throw new ImageException("cannot read module " + file + ": " + HostFileTrouble.reason(e), e);
    }
  }
}
