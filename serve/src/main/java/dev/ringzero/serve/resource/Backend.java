package dev.ringzero.serve.resource;

import dev.ringzero.control.directory.ControlDirectory;
import dev.ringzero.control.process.ProcessDirectory;
import dev.ringzero.control.process.SharedProcess;
import dev.ringzero.control.registry.Registry;
import dev.ringzero.control.registry.VmConfiguration;
import dev.ringzero.control.registry.VmStarter;
import dev.ringzero.control.snapshot.SnapshotStore;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;

/**
 * What the API works on.
 *
 * @param machines that run
 * @param registry of those that are kept
 * @param starter of them
 * @param check complains about a configuration that cannot be, with a message for the user
 * @param files that requests may name
 * @param processes starts those that several machines share
 */
public record Backend(
    ControlDirectory machines,
    Registry registry,
    Consumer<String> starter,
    SnapshotStore snapshots,
    ProcessDirectory switches,
    ProcessDirectory hosts,
    Consumer<VmConfiguration> check,
    FileStores files,
    ProcessStarter processes) {
  /** Connects to a process of a kind, which is started with options where it does not run. */
  @FunctionalInterface
  public interface ProcessStarter {
    SharedProcess.Connected connect(
        SharedProcess kind, ProcessDirectory directory, String name, List<String> options)
        throws IOException;
  }

  /** What the user has. */
  public static Backend ofUser(Consumer<VmConfiguration> check, FileStores files) {
    Registry registry = Registry.ofUser();
    return new Backend(
        ControlDirectory.ofUser(),
        registry,
        new VmStarter(registry)::start,
        SnapshotStore.ofUser(),
        ProcessDirectory.ofSwitches(),
        ProcessDirectory.ofHosts(),
        check,
        files,
        SharedProcess::connect);
  }
}
