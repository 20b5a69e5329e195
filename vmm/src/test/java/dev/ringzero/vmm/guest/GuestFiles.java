package dev.ringzero.vmm.guest;

import static org.junit.jupiter.api.Assumptions.abort;

import dev.ringzero.images.DefaultGuest;
import dev.ringzero.images.ImageCache;
import dev.ringzero.images.ImageException;
import dev.ringzero.images.Progress;
import dev.ringzero.images.module.KernelModule;
import dev.ringzero.images.module.ModuleArchive;
import java.util.List;

/** What the tests of real guests boot. */
final class GuestFiles {
  private GuestFiles() {}

  /** The default guest; the test is skipped where it cannot be fetched. */
  static DefaultGuest orSkip() {
    try {
      return DefaultGuest.prepare(ImageCache.ofUser(), Progress.SILENT);
    } catch (ImageException e) {
      return abort("skipped: the default guest cannot be fetched here: " + e.getMessage());
    }
  }

  /** Modules of its kernel, with all that they need, in the order in which they load. */
  static List<KernelModule> modules(List<String> names) {
    ImageCache cache = ImageCache.ofUser();
    try (ModuleArchive archive = new ModuleArchive(DefaultGuest.modules(cache, Progress.SILENT))) {
      return archive.closure(names);
    }
  }
}
