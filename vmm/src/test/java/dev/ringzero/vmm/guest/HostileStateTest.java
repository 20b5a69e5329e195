package dev.ringzero.vmm.guest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.engine.state.StateException;
import dev.ringzero.images.DefaultGuest;
import dev.ringzero.images.ImageCache;
import dev.ringzero.images.Progress;
import dev.ringzero.images.kernel.Kernel;
import dev.ringzero.images.kernel.KernelFiles;
import dev.ringzero.images.kernel.ResidentKernel;
import dev.ringzero.network.nat.NatAttachment;
import dev.ringzero.network.nat.NatSettings;
import dev.ringzero.vmm.machine.CardConfiguration;
import dev.ringzero.vmm.machine.ConsoleKind;
import dev.ringzero.vmm.machine.EngineConfiguration;
import dev.ringzero.vmm.machine.HostLinks;
import dev.ringzero.vmm.machine.Machine;
import dev.ringzero.vmm.machine.MachineConfiguration;
import dev.ringzero.vmm.machine.MachineEnd;
import dev.ringzero.vmm.machine.SavedMachine;
import dev.ringzero.vmm.machine.ShareConfiguration;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Saved states that somebody changed are refused, or give a guest that harms only itself. */
class HostileStateTest {
  /** System property: how many states are tried. */
  private static final int ROUNDS = Integer.getInteger("ringzero.state.rounds", 150);

  @TempDir Path directory;

  private MachineConfiguration configuration(Kernel kernel) {
    return new MachineConfiguration(
        "hostile",
        256L << 20,
        2,
        kernel,
        Optional.empty(),
        "",
        List.of(),
        List.of(new CardConfiguration(new NatAttachment(NatSettings.ordinary()))),
        new HostLinks(
            List.of(new ShareConfiguration(directory, "/mnt", true)),
            Optional.empty(),
            ConsoleKind.VIRTIO),
        EngineConfiguration.Software.FASTEST);
  }

  private SavedMachine saved() throws Exception {
    DefaultGuest guest = GuestFiles.orSkip();
    Kernel kernel = new KernelFiles(ImageCache.ofUser(), Progress.SILENT).open(guest.kernel());
    Path ram = directory.resolve("ram");
    try (FileChannel channel =
            FileChannel.open(ram, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        Machine machine = new Machine(configuration(kernel))) {
      return machine.save(channel, ram);
    }
  }

  @Test
  void changedStatesAreRefusedOrHarmOnlyTheirGuest() throws Exception {
    SavedMachine good = saved();
    SplittableRandom random = new SplittableRandom(3);
    int refused = 0;
    for (int round = 0; round < ROUNDS; round++) {
      byte[] state = good.state().clone();
      for (int change = random.nextInt(1, 30); change > 0; change--) {
        state[random.nextInt(8, state.length)] = (byte) random.nextInt();
      }
      try (Machine machine =
          new Machine(
              configuration(new ResidentKernel()), new SavedMachine(state, good.memory()))) {
        machine.renewGeneration();
        machine.start();
        machine.pause();
        machine.resume();
        machine.stop("enough");
        assertThat(machine.awaitEnd().cause())
            .as("round " + round)
            .isNotEqualTo(MachineEnd.Cause.FAILED);
      } catch (StateException e) {
        assertThat(e.getMessage()).doesNotContain("\n");
        refused++;
      }
    }
    assertThat(refused).isPositive();
  }
}
