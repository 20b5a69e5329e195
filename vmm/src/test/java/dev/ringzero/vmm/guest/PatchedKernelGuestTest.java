package dev.ringzero.vmm.guest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.engine.Execution;
import dev.ringzero.images.DefaultGuest;
import dev.ringzero.vmm.machine.EngineConfiguration;
import dev.ringzero.vmm.machine.MachineEnd;
import dev.ringzero.vmm.memory.MemoryTechnique;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A kernel that rewrites its own code while another processor runs it: every function's entry
 * (ftrace), static keys, trace points, modules. More, with JITs and stress-ng: {@code
 * scripts/translator-judges}.
 */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
final class PatchedKernelGuestTest {
  private static final long MEMORY_BYTES = 256L << 20;
  private static final List<String> MODULES = List.of("lzo_rle", "zram");

  private static final String SCRIPT =
      """
      tracing=/sys/kernel/tracing
      [ -e $tracing/current_tracer ] || mount -t tracefs tracefs $tracing
      (while [ ! -e /tmp/enough ]; do ls -l /proc/self/ | md5sum; done >/dev/null 2>&1) &
      for n in 1 2; do
        echo function >$tracing/current_tracer
        ls / >/dev/null
        grep -qv '^#' $tracing/trace && echo traced
        echo nop >$tracing/current_tracer
        echo 1 >/proc/sys/kernel/sched_schedstats
        echo 0 >/proc/sys/kernel/sched_schedstats
        echo 1 >$tracing/events/syscalls/enable
        ls / >/dev/null
        echo 0 >$tracing/events/syscalls/enable
        grep -q sys_ $tracing/trace && echo entered
      done
      touch /tmp/enough
      wait
      dmesg | grep -E 'Oops|general protection|invalid opcode|int3|unable to handle'
      """;

  @Test
  void kernelThatPatchesItselfGoesOnOnTwoProcessors() throws Exception {
    DefaultGuest guest = GuestFiles.orSkip();
    EngineConfiguration.Software engine =
        new EngineConfiguration.Software(Execution.FASTEST, MemoryTechnique.EPT);
    try (StockGuest machine =
        new StockGuest(guest, MEMORY_BYTES, 2, engine, Map.of(), MODULES, SCRIPT)) {
      MachineEnd end = machine.run();
      assertThat(end.cause()).as(end.detail()).isEqualTo(MachineEnd.Cause.POWER_OFF);
      assertThat(machine.output()).startsWith("traced\nentered\ntraced\nentered\n");
      assertThat(machine.output()).contains("end-of-the-commands 1"); // nothing to grep
    }
  }
}
