package dev.ringzero.vmm.guest;

import static org.junit.jupiter.api.Assumptions.abort;

import dev.ringzero.images.DebianKernel;
import dev.ringzero.images.DefaultGuest;
import dev.ringzero.images.ImageCache;
import dev.ringzero.images.ImageException;
import dev.ringzero.images.Progress;
import dev.ringzero.images.module.KernelModule;
import dev.ringzero.images.module.ModuleArchive;
import java.nio.file.Path;
import java.util.List;

/** What the tests of real guests boot. */
final class GuestFiles {
  private static String whyNot;

  private GuestFiles() {}

  /** The default guest; the test is skipped where it cannot be fetched. */
  static synchronized DefaultGuest orSkip() {
    if (whyNot != null) {
      return abort(whyNot);
    }
    try {
      return DefaultGuest.prepare(ImageCache.ofUser(), Progress.SILENT);
    } catch (ImageException e) {
      whyNot = "skipped: the default guest cannot be fetched here: " + e.getMessage();
      return abort(whyNot);
    }
  }

  /** A kernel; the test is skipped where it cannot be fetched. */
  static Path orSkip(DebianKernel which) {
    try {
      return DefaultGuest.kernel(which, ImageCache.ofUser(), Progress.SILENT);
    } catch (ImageException e) {
      return abort("skipped: a kernel cannot be fetched here: " + e.getMessage());
    }
  }

  /** Modules of the default guest's kernel. */
  static List<KernelModule> modules(List<String> names) {
    return modules(DebianKernel.CLOUD, names);
  }

  /** Modules of a kernel, with all that they need, in the order in which they load. */
  static List<KernelModule> modules(DebianKernel which, List<String> names) {
    ImageCache cache = ImageCache.ofUser();
    try (ModuleArchive archive =
        new ModuleArchive(DefaultGuest.modules(which, cache, Progress.SILENT))) {
      return archive.closure(names);
    }
  }
}
