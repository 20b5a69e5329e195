package dev.ringzero.vmm.xen;

import static dev.ringzero.vmm.xen.XenMachine.L2;
import static dev.ringzero.vmm.xen.XenMachine.L3;
import static dev.ringzero.vmm.xen.XenMachine.L4;
import static dev.ringzero.vmm.xen.XenMachine.READ;
import static dev.ringzero.vmm.xen.XenMachine.SECOND_L1;
import static dev.ringzero.vmm.xen.XenMachine.WRITE;
import static dev.ringzero.vmm.xen.XenMachine.va;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.engine.VirtualCpu;
import dev.ringzero.memory.MachineMemory;
import dev.ringzero.x86.PageEntry;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * A processor that never forgets a translation by itself, two address spaces with tables for kernel
 * and programs, and random changes: after a flush nothing wrong is left.
 */
final class CachedTranslationsTest {
  private static final int FIRST_TABLE = 20, TABLES = 12;
  private static final int[] KERNEL = {20, 26};
  private static final int[] PROGRAM = {21, 27};
  private static final int[] LOWER_L1 = {24, 30};
  private static final int PAGES = 24, DATA = 700;
  private static final int ALIAS = 4;
  private static final int FLUSH = 6, INVALIDATE = 7;

  private final XenMachine machine = new XenMachine(1);
  private final Model model = new Model();
  private final XenVcpu vcpu = model.vcpu();

  @AfterEach
  void close() {
    machine.close();
  }

  private void buildSpaces() {
    for (int pfn = FIRST_TABLE; pfn < FIRST_TABLE + TABLES; pfn++) {
      assertThat(machine.remap(pfn, machine.to(pfn, READ))).isZero();
    }
    for (int space = 0; space < 2; space++) {
      int first = KERNEL[space];
      machine.entry(first, 511, machine.to(L3, WRITE));
      machine.entry(first, 0, machine.to(first + 2, WRITE));
      machine.entry(first + 1, 0, machine.to(first + 2, WRITE));
      machine.entry(first + 2, 0, machine.to(first + 3, WRITE));
      machine.entry(first + 3, 0, machine.to(first + 4, WRITE));
      assertThat(machine.extended(3, machine.mfn(first))).isZero();
      assertThat(machine.extended(3, machine.mfn(first + 1))).isZero();
    }
  }

  private void enterSpace(int space) {
    assertThat(machine.extended(5, machine.mfn(KERNEL[space]))).isZero();
    assertThat(machine.extended(15, machine.mfn(PROGRAM[space]))).isZero();
  }

  @Test
  void nothingWrongIsLeftAfterAFlush() {
    buildSpaces();
    linkAgain();
    enterSpace(0);
    Random random = new Random(5);
    int flushes = 0;
    for (int round = 0; round < 20_000; round++) {
      long lower = random.nextInt(PAGES) * 4096L;
      long upper = va(DATA + random.nextInt(PAGES));
      switch (random.nextInt(20)) {
        case 0 -> {
          enterSpace(random.nextInt(2));
          check(round);
        }
        case 1 -> {
          machine.extended(FLUSH, 0);
          check(round);
          flushes++;
        }
        case 2 -> {
          machine.extended(INVALIDATE, lower);
          machine.extended(INVALIDATE, upper);
          assertThat(model.wrong(lower)).as("round %d", round).isNull();
          assertThat(model.wrong(upper)).as("round %d", round).isNull();
        }
        case 3, 4, 5 -> {
          int table = LOWER_L1[random.nextInt(2)];
          machine.update(machine.entryHpa(table, (int) (lower >>> 12)), value(random));
        }
        case 6, 7 -> {
          long at = machine.entryHpa(SECOND_L1, (int) (upper - va(512) >>> 12));
          machine.update(at, value(random));
        }
        case 8 -> {
          int space = random.nextInt(2);
          long l2 = random.nextBoolean() ? 0 : machine.to(LOWER_L1[space], WRITE);
          machine.update(machine.entryHpa(LOWER_L1[space] - 1, 0), l2);
        }
        case 9 -> {
          int space = random.nextInt(2);
          long l3 = random.nextBoolean() ? 0 : machine.to(LOWER_L1[space] - 2, WRITE);
          int top = random.nextBoolean() ? KERNEL[space] : PROGRAM[space];
          machine.update(machine.entryHpa(top, 0), l3);
        }
        default -> {
          vcpu.translations.enter(random.nextInt(3) == 0);
          long anywhere = random.nextInt(3) == 0 ? alias(upper) : upper;
          model.access(random.nextBoolean() ? lower : anywhere);
          vcpu.translations.enter(false);
        }
      }
    }
    assertThat(flushes).isPositive();
    assertThat(model.kept).as("flushes that left what is right").isPositive();
  }

  @Test
  void spaceThatNothingHasChangedIsKeptUntilItComesAgain() {
    buildSpaces();
    enterSpace(0);
    machine.update(machine.entryHpa(LOWER_L1[0], 3), machine.to(DATA, READ));
    model.access(3 << 12);
    enterSpace(1);
    enterSpace(0);
    assertThat(model.holds(3 << 12)).isTrue();
    enterSpace(1);
    machine.update(machine.entryHpa(LOWER_L1[0], 3), 0);
    enterSpace(0);
    assertThat(model.holds(3 << 12)).isFalse();
  }

  /** As a kernel does, which maps itself and all memory. */
  private void linkAgain() {
    machine.update(machine.entryHpa(L2, ALIAS), machine.to(SECOND_L1, WRITE));
  }

  private static long alias(long linear) {
    return linear + (ALIAS - 1) * (2L << 20);
  }

  @Test
  void tableAtTwoPlacesIsDroppedPageByPage() {
    buildSpaces();
    enterSpace(0);
    linkAgain();
    machine.extended(FLUSH, 0);
    model.access(va(DATA));
    model.access(alias(va(DATA)));
    model.access(va(DATA + 1));

    machine.update(machine.entryHpa(SECOND_L1, DATA - 512), 0);
    machine.extended(FLUSH, 0);

    assertThat(model.holds(va(DATA))).isFalse();
    assertThat(model.holds(alias(va(DATA)))).isFalse();
    assertThat(model.holds(va(DATA + 1))).isTrue();
  }

  private long value(Random random) {
    int page = DATA + random.nextInt(PAGES);
    return switch (random.nextInt(4)) {
      case 0 -> 0;
      case 1 -> machine.to(page, READ);
      default -> machine.to(page, WRITE);
    };
  }

  private void check(int round) {
    for (boolean program : new boolean[] {false, true}) {
      vcpu.translations.enter(program);
      for (int i = 0; i < PAGES; i++) {
        assertThat(model.wrong(i * 4096L)).as("round %d, program %s", round, program).isNull();
        assertThat(model.wrong(va(DATA + i))).as("round %d, %s", round, program).isNull();
        assertThat(model.wrong(alias(va(DATA + i)))).as("round %d", round).isNull();
        model.kept += model.holds(i * 4096L) ? 1 : 0;
      }
    }
    vcpu.translations.enter(false);
  }

  /** What a processor caches. */
  private final class Model {
    private final Map<Long, Long> cached = new HashMap<>();
    private long root;
    private int lower;
    private int upper;
    private int kept;

    XenVcpu vcpu() {
      VirtualCpu real = machine.vcpu(0).cpu;
      VirtualCpu cpu =
          (VirtualCpu)
              Proxy.newProxyInstance(
                  VirtualCpu.class.getClassLoader(),
                  new Class<?>[] {VirtualCpu.class},
                  (proxy, method, arguments) -> call(real, method, arguments));
      XenVcpu fresh = new XenVcpu(machine.domain, cpu, machine.vcpu(0).infoHpa, () -> {});
      machine.domain.vcpus.set(0, fresh);
      fresh.online = true;
      fresh.switchKernelTable(machine.mfn(L4));
      return fresh;
    }

    private Object call(VirtualCpu real, Method method, Object[] arguments) throws Throwable {
      switch (method.getName()) {
        case "directRoot" -> {
          root = (long) arguments[0];
          lower = (int) arguments[1];
          upper = (int) arguments[2];
        }
        case "dropTag" -> cached.keySet().removeIf(key -> (key & 4095) == (int) arguments[0]);
        case "invalidatePage" -> cached.remove(key((long) arguments[0]));
        case "flushTranslations" -> cached.clear();
        default -> {
          return method.invoke(real, arguments);
        }
      }
      return null;
    }

    private long key(long linear) {
      return linear & -4096L | (linear < 0 ? upper : lower);
    }

    /** The leaf that the tables have now, 0 for none; used marks it as processors do. */
    private long walk(long linear, boolean use) {
      long table = root;
      for (int shift = 39; ; shift -= 9) {
        long hpa = table + (linear >>> shift & 511) * 8;
        long entry = MachineMemory.read64(hpa);
        if ((entry & PageEntry.P) == 0) {
          return 0;
        }
        if (shift == 12) {
          if (use) {
            MachineMemory.write64(hpa, entry | PageEntry.A);
          }
          return entry;
        }
        table = entry & PageEntry.ADDRESS;
      }
    }

    void access(long linear) {
      long leaf = walk(linear, true);
      if (leaf != 0) {
        cached.putIfAbsent(key(linear), leaf);
      }
    }

    boolean holds(long linear) {
      return cached.containsKey(key(linear));
    }

    /** What is wrong with what is cached of a page; null if nothing. */
    String wrong(long linear) {
      Long known = cached.get(key(linear));
      long now = walk(linear, false);
      boolean right =
          known == null
              || now != 0
                  && ((known ^ now) & PageEntry.ADDRESS) == 0
                  && (known & ~now & PageEntry.RW) == 0;
      return right ? null : "%x: cached %x, now %x".formatted(linear, known, now);
    }
  }
}
