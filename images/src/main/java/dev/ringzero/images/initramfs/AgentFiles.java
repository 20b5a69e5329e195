package dev.ringzero.images.initramfs;

import dev.ringzero.images.module.KernelModule;
import dev.ringzero.images.program.AgentProgram;
import java.util.List;

/**
 * What a guest needs for our agent; it is loaded when the monitor asks for it first, so that a boot
 * costs no more.
 *
 * @param modules of the kernel, to be loaded in this order
 */
public record AgentFiles(List<KernelModule> modules) {
  void addTo(CpioWriter cpio) {
    cpio.directory("rz/agent", 0755)
        .file("rz/agent/start", 0644, Scripts.text("agent.sh"))
        .file("rz/agent/run", 0755, AgentProgram.file());
    for (int i = 0; i < modules.size(); i++) {
      KernelModule module = modules.get(i);
      cpio.file("rz/agent/%03d-%s.ko".formatted(i, module.name()), 0644, module.file());
    }
  }
}
