package dev.ringzero.images.module;

import dev.ringzero.images.ImageException;
import java.io.IOException;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Finds the modules that others need. */
public final class ModuleClosure {
  private final ModuleFiles files;
  private final Set<String> visited = new HashSet<>();
  private final Map<String, KernelModule> found = new LinkedHashMap<>();

  private ModuleClosure(ModuleFiles files) {
    this.files = files;
  }

  /**
   * Modules and what they need, in the order in which to load them; built-in ones are left out, and
   * so are those that the kernel does not have at all.
   */
  public static List<KernelModule> of(ModuleFiles files, Collection<String> names) {
    ModuleClosure closure = new ModuleClosure(files);
    for (String name : names) {
      closure.visit(KernelModule.canonical(name), false);
    }
    return List.copyOf(closure.found.values());
  }

  private void visit(String name, boolean needed) {
    if (files.isBuiltIn(name) || !visited.add(name)) {
      return;
    }
    Optional<byte[]> file = read(name);
    if (file.isEmpty()) {
      if (needed) {
        throw new ImageException("the kernel has no module " + name + ", which others need");
      }
      return;
    }
    KernelModule module = KernelModule.parse(name, file.get());
    for (String dependency : module.dependencies()) {
      visit(dependency, true);
    }
    found.put(name, module);
  }

  private Optional<byte[]> read(String name) {
    try {
      return files.read(name);
    } catch (IOException e) {
      throw new ImageException("cannot read kernel module " + name + ": " + e.getMessage(), e);
    }
  }
}
