package dev.ringzero.kvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.GroupLayout;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.PaddingLayout;
import java.lang.foreign.StructLayout;
import java.lang.foreign.UnionLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KvmLayoutsTest {
  private static final Path GCC = Path.of("/usr/bin/gcc");
  private static final Path HEADER = Path.of("/usr/include/linux/kvm.h");

  @TempDir Path folder;

  private final List<String> ours = new ArrayList<>();
  private final StringBuilder program = new StringBuilder();

  @Test
  void layoutsAndNumbersAreThoseOfTheHeader() throws IOException, InterruptedException {
    assumeTrue(
        Files.isExecutable(GCC) && Files.exists(HEADER),
        "skipped: no gcc with linux/kvm.h to compare the layouts with");
    program.append("#include <linux/kvm.h>\n#include <stddef.h>\n#include <stdio.h>\n");
    program.append("int main(void) {\n");
    KvmLayouts.ALL.forEach(this::compareStructure);
    for (Ioctl call : Ioctl.values()) {
      compare(call.name(), "(unsigned int) " + call, call.number);
    }
    program.append("return 0; }\n");
    assertThat(theirs()).containsExactlyElementsOf(ours);
  }

  private void compareStructure(StructLayout layout) {
    String type = "struct " + layout.name().orElseThrow();
    if (layout != KvmLayouts.KVM_RUN) { // its end, the synchronized registers, is not used
      compare("sizeof " + type, "sizeof(" + type + ")", layout.byteSize());
    }
    compareMembers(type, "", layout, 0);
  }

  private void compareMembers(String type, String prefix, GroupLayout group, long base) {
    for (MemoryLayout member : group.memberLayouts()) {
      if (member instanceof PaddingLayout) {
        continue;
      }
      String name = member.name().orElseThrow();
      long offset = base + group.byteOffset(PathElement.groupElement(name));
      String path = member instanceof UnionLayout ? prefix : prefix + name;
      if (!(member instanceof UnionLayout)) {
        compare(type + " " + path, "offsetof(" + type + ", " + path + ")", offset);
      }
      if (member instanceof GroupLayout inner) {
        compareMembers(type, path.isEmpty() ? "" : path + ".", inner, offset);
      }
    }
  }

  private void compare(String name, String expression, long value) {
    ours.add(name + " = " + value);
    program.append("printf(\"%s = %%lu\\n\", (unsigned long) (%s));\n".formatted(name, expression));
  }

  private List<String> theirs() throws IOException, InterruptedException {
    Path source = Files.writeString(folder.resolve("layouts.c"), program);
    Path binary = folder.resolve("layouts");
    run(GCC.toString(), source.toString(), "-o", binary.toString());
    return run(binary.toString()).lines().toList();
  }

  private static String run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output;
  }
}
