package dev.ringzero.devices.lapic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.engine.CpuSignals;
import dev.ringzero.testkit.FakeClock;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Processors on threads of their own that sleep until they are signalled: none may oversleep. */
class DeliveryStressTest {
  private static final int PROCESSORS = 4;
  private static final int ROUNDS = 20_000;
  private static final int EOI = 0x0B0;
  private static final int SVR = 0x0F0;
  private static final int ICR_LOW = 0x300;
  private static final int ICR_HIGH = 0x310;
  private static final int VECTOR = 0x40;

  private final ApicBus bus = new ApicBus(PROCESSORS);
  private final Processor[] processors = new Processor[PROCESSORS];

  private final class Processor implements CpuSignals, Runnable {
    private final Semaphore wake = new Semaphore(0);
    private final LocalApic apic;
    private final AtomicInteger taken = new AtomicInteger();

    Processor(int id) {
      apic = new LocalApic(id, new FakeClock(), bus);
      apic.write(SVR, 4, 0x1FF);
      apic.connect(this);
    }

    @Override
    public void run() {
      while (taken.get() < ROUNDS) {
        wake.acquireUninterruptibly();
        wake.drainPermits();
        while (apic.pending()) {
          if (apic.acknowledge() == VECTOR) {
            boolean last = taken.incrementAndGet() == ROUNDS && apic.id() == PROCESSORS - 1;
            if (!last) {
              passOn();
            }
          }
          apic.write(EOI, 4, 0);
        }
      }
    }

    /** Each interrupt is answered by one to the next processor, round and round. */
    private void passOn() {
      int next = (apic.id() + 1) % PROCESSORS;
      apic.write(ICR_HIGH, 4, (long) next << 24);
      apic.write(ICR_LOW, 4, 0x4000 | VECTOR);
    }

    @Override
    public void interrupt() {
      wake.release();
    }

    @Override
    public void nonMaskableInterrupt() {}

    @Override
    public void init() {}

    @Override
    public void startup(int vector) {}
  }

  @Test
  @Timeout(60)
  void interruptsPassedRoundAreNeverLost() throws InterruptedException {
    Thread[] threads = new Thread[PROCESSORS];
    for (int i = 0; i < PROCESSORS; i++) {
      processors[i] = new Processor(i);
      threads[i] = Thread.ofPlatform().daemon().start(processors[i]);
    }
    bus.send(0xFEE0_0000L, VECTOR);
    for (Thread thread : threads) {
      thread.join();
    }
    for (Processor processor : processors) {
      assertThat(processor.taken).hasValue(ROUNDS);
    }
  }
}
