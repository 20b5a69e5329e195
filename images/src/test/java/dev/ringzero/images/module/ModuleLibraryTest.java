package dev.ringzero.images.module;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ModuleLibraryTest {
  private static KernelModule module(String name, String... dependencies) {
    return new KernelModule(name, List.of(dependencies), new byte[0]);
  }

  @Test
  void aLineNamesAllThatAModuleNeedsAndLastWhatIsLoadedFirst() {
    ModuleLibrary library =
        new ModuleLibrary(
            "6.1",
            List.of(
                module("irqbypass"),
                module("kvm", "irqbypass"),
                module("kvm_intel", "kvm"),
                module("other")));

    assertThat(library.dependencies())
        .isEqualTo(
            "irqbypass.ko:\nkvm.ko: irqbypass.ko\nkvm_intel.ko: kvm.ko irqbypass.ko\nother.ko:\n");
    assertThat(library.directory()).isEqualTo("lib/modules/6.1");
  }
}
