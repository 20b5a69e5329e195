package dev.ringzero.images.module;

import java.io.Closeable;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** All modules of one kernel. */
public interface ModuleFiles extends Closeable {
  /** The bytes of a module, unpacked. */
  Optional<byte[]> read(String name) throws IOException;

  /** Whether the kernel has that module in itself. */
  boolean isBuiltIn(String name);

  /** Modules and what they need, as {@link ModuleClosure} finds them. */
  default List<KernelModule> closure(Collection<String> names) {
    return ModuleClosure.of(this, names);
  }

  @Override
  void close();
}
