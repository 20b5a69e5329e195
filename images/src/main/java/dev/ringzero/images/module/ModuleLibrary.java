package dev.ringzero.images.module;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Modules that a guest's {@code modprobe} finds, as {@code depmod} lays them out.
 *
 * @param release of the kernel that they belong to
 * @param modules each behind those that it needs
 */
public record ModuleLibrary(String release, List<KernelModule> modules) {
  /** No modules. */
  public static final ModuleLibrary NONE = new ModuleLibrary("", List.of());

  /** Where they are, without the first slash. */
  public String directory() {
    return "lib/modules/" + release;
  }

  /** The file {@code modules.dep}: all that a module needs, what is to be loaded first last. */
  public String dependencies() {
    return modules.stream().map(this::line).collect(Collectors.joining());
  }

  private String line(KernelModule module) {
    Set<String> needed = new HashSet<>(module.dependencies());
    StringBuilder line = new StringBuilder(file(module.name())).append(':');
    for (KernelModule other : modules.reversed()) {
      if (needed.contains(other.name())) {
        needed.addAll(other.dependencies());
        line.append(' ').append(file(other.name()));
      }
    }
    return line.append('\n').toString();
  }

  /** The name of a module's file. */
  public static String file(String name) {
    return name + ".ko";
  }
}
