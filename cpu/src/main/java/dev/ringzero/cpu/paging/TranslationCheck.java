package dev.ringzero.cpu.paging;

import dev.ringzero.cpu.Attention;
import dev.ringzero.cpu.Cpu;
import dev.ringzero.engine.EngineException;
import dev.ringzero.memory.FrameMemory;
import dev.ringzero.memory.FramePool;
import dev.ringzero.x86.Ept;
import java.util.SplittableRandom;

/**
 * Compares, at random moments, every translation of the current address space that the processor
 * holds, in both levels of the TLB and in the copies of translated code, with a slow walk of all
 * tables.
 *
 * <p>The right to write unnoticed is checked always: no watched or shared frame may have it. The
 * rest is checked for pages of programs, at CPL 3, where no other processor changes tables. A
 * translation may be older than its table until the guest invalidates it, which a kernel may put
 * off until another thread of the program has run: see {@link Suspicions}.
 *
 * <p>Not modelled: translations of inner guests.
 */
public final class TranslationCheck implements TranslationCopies.Visitor {
  private static final int ONE_IN = 4;
  private static final int MISSES_IN_PROGRAMS = 8;

  private final Cpu cpu;
  private final Tlb tlb;
  private final Translator translator;
  private final FrameMemory memory;
  private final SplittableRandom random;
  private final Suspicions suspicions = new Suspicions();
  private boolean exact;
  private long looks;
  private long compared;

  TranslationCheck(Cpu cpu, Tlb tlb, Translator translator, FrameMemory memory) {
    this.cpu = cpu;
    this.tlb = tlb;
    this.translator = translator;
    this.memory = memory;
    this.random = new SplittableRandom(cpu.id);
  }

  /** Times that it looked. */
  public long looks() {
    return looks;
  }

  /** Translations that were compared with a walk. */
  public long compared() {
    return compared;
  }

  /** A translation is about to change: asks for a look after the instruction, by chance. */
  void missed() {
    if (cpu.cpl == 3 && random.nextInt(MISSES_IN_PROGRAMS) == 0) {
      cpu.attention.raise(Attention.REVOKE); // nothing may have to be revoked
    }
  }

  /** Looks or not, by chance. On the processor's own thread, between two instructions. */
  void sometimes(TranslationCopies copies) {
    if (random.nextInt(ONE_IN) == 0) {
      look(copies);
    }
  }

  /**
   * Looks at all.
   *
   * @throws EngineException if a translation is wrong
   */
  void look(TranslationCopies copies) {
    if (cpu.level != null || !memory.mappings().tryLock()) {
      return; // who changes what is mapped waits for this processor
    }
    try {
      looks++;
      boolean program = cpu.cpl == 3 && cpu.rip >= 0; // a paravirtual kernel's CPL is 3 too
      exact = program && memory.revocation().users() == 1;
      tlb.forEachCurrent(this);
      copies.forEachCurrent(this);
      if (exact) {
        suspicions.looked(cpu.cr3);
      }
    } finally {
      memory.mappings().unlock();
    }
  }

  /** From now on a translation that differs from its tables is wrong at once. */
  void impatient() {
    suspicions.impatient();
  }

  /** The guest asked for the translation of an address to go, in the current address space. */
  void invalidated(long linear) {
    suspicions.invalidated(cpu.cr3, linear);
  }

  @Override
  public void translation(String where, int privilege, long page, long hpaPage, int rights) {
    boolean writable = (rights & 1 << Access.WRITE) != 0;
    long mfn = hpaPage >>> FramePool.FRAME_SHIFT;
    if (writable && !where.equals(Tlb.SECOND_LEVEL) && memory.isWriteNoticed(mfn)) {
      throw wrong(where, page, hpaPage, "lets a watched frame be written unnoticed");
    }
    if (exact && privilege == Access.USER) {
      compare(where, page, hpaPage, rights);
    }
  }

  private void compare(String where, long page, long hpaPage, int rights) {
    compared++;
    String difference = difference(page, hpaPage, rights);
    if (difference != null && suspicions.confirmed(cpu.cr3, page, tlb.ownContext())) {
      throw wrong(where, page, hpaPage, difference);
    }
  }

  private String difference(long page, long hpaPage, int rights) {
    if (!translator.reference(page)) {
      return "is mapped by no table";
    }
    if (translator.referenceHpa < 0) {
      return null; // its frame is being taken away
    }
    if (translator.referenceHpa != hpaPage) {
      return "leads to 0x%x by the tables".formatted(translator.referenceHpa);
    }
    int allowed = translator.referenceRights >>> 3 * Access.USER & 7;
    return (rights & ~allowed) == 0
        ? null
        : "gives rights %d where the tables give %d".formatted(rights, allowed);
  }

  private EngineException wrong(String where, long page, long hpaPage, String what) {
    return new EngineException(
        "vCPU %d holds a wrong translation: %s, gva 0x%x to hpa 0x%x, %s (RIP 0x%x, CR3 0x%x)"
            .formatted(cpu.id, where, page, hpaPage, what, cpu.rip, cpu.cr3));
  }

  /** The right to write that the second-level table gives, as a mask of rights. */
  static int allowedBy(long leaf) {
    return (leaf & Ept.WRITE) != 0 ? Access.ALL_RIGHTS : ~Access.ALL_WRITE;
  }
}
