package dev.ringzero.cpu.translator;

import static dev.ringzero.cpu.translator.Assembler.NONE;
import static dev.ringzero.cpu.translator.Assembler.R13;
import static dev.ringzero.cpu.translator.Assembler.R14;
import static dev.ringzero.cpu.translator.Assembler.R15;

/**
 * Direct jumps to other pages. The code TLB of the state block says which {@link TranslatedPage}
 * lies at the target's linear page now; where that is the one that the jump was linked to, the jump
 * goes straight to its block, else through the jump cache, which fills the code TLB.
 */
final class PageCrossing {
  /** What no page has as its number. */
  static final int UNLINKED = Integer.MIN_VALUE;

  private static final int JNE = 5;

  /** From the rel32 of the jump back to the page number that it is linked to. */
  private static final int NUMBER_BEFORE_JUMP = 20;

  /** From the place at which code is aligned to that number. */
  private static final int NUMBER_BEHIND = 49;

  private final Assembler code;
  private final Stubs stubs;
  private final AccessSites sites;
  private final OutOfLine cold;

  PageCrossing(Assembler code, Stubs stubs, AccessSites sites, OutOfLine cold) {
    this.code = code;
    this.stubs = stubs;
    this.sites = sites;
    this.cold = cold;
  }

  /**
   * Goes to an offset from the block's page that lies in another one. Status flags are in the state
   * block.
   */
  void emit(GuestBlock block, long target, boolean backward) {
    TranslationMode mode = block.page.mode;
    int offset = (int) target & GuestBlock.PAGE_BYTES - 1;
    int distance = (int) target - offset;
    code.load(R14, StateBlock.PAGE_BASE);
    code.lea(R14, R14, NONE, 0, distance);
    code.alignForPatches(NUMBER_BEHIND);
    code.rotateRight32(R15, R14, 12 - StateBlock.CODE_SHIFT);
    code.andImmediate32(R15, StateBlock.CODE_INDEX_MASK);
    code.load(R13, mode.view().codeKey());
    code.lea(R13, R13, R14, 0, 0);
    code.gsAt(0x3B, R13, R15, mode.codeTlb()); // cmp r13, tag
    code.jumpIf(JNE, 0);
    int firstMiss = code.position() - 4;
    code.compareAt32(R15, mode.codeTlb() + StateBlock.CODE_PAGE, UNLINKED);
    requirePatchable(code.position() - 4);
    code.jumpIf(JNE, 0);
    int secondMiss = code.position() - 4;
    code.store(R14, StateBlock.PAGE_BASE);
    code.bytes(0xE9); // jmp
    int jump = code.position();
    code.dword(0);
    cold.add(() -> {
      code.patch(firstMiss, code.position());
      code.patch(secondMiss, code.position());
      code.patch(jump, code.position());
      code.lea(R14, R14, NONE, 0, offset);
      code.bytes(0x65, 0xC7, 0x04, 0x25); // mov dword gs:[SITE], site
      code.dword(StateBlock.SITE);
      int siteAt = code.position();
      code.dword(0);
      code.alignForPatch(1);
      code.jump(stubs.unlinked);
      int elsewhere = code.position() - 4;
      code.dwordAt(siteAt, sites.crossing(jump, offset, backward, elsewhere));
    });
  }

  private static void requirePatchable(int position) {
    if ((position & 3) != 0) {
      throw new IllegalStateException("a page's number is at " + position);
    }
  }

  /** Whether the jump of a site goes to a block of a page. */
  static boolean isLinked(CodeMemory code, AccessSites sites, int site) {
    return code.dword(sites.position(site) - NUMBER_BEFORE_JUMP) != UNLINKED;
  }

  /** Lets the jump of a site go to a block of a page, wherever that is found at its target. */
  static void link(CodeMemory code, AccessSites sites, int site, TranslatedPage page, Stubs stubs) {
    int jump = sites.position(site);
    code.patch(jump, page.inner(sites.ripOffset(site), true, sites.backward(site)));
    code.dwordAt(jump - NUMBER_BEFORE_JUMP, page.number);
    lookUp(code, sites, site, page.mode, stubs);
    page.linked(site);
  }

  /** Lets the jump of a site look its target up from now on. */
  static void lookUp(
      CodeMemory code, AccessSites sites, int site, TranslationMode mode, Stubs stubs) {
    code.patch(sites.elsewhere(site), stubs.crossingJump(mode));
  }

  /** Takes the link of a site back: no vCPU has its page any more. */
  static void unlink(CodeMemory code, AccessSites sites, int site, Stubs stubs) {
    code.dwordAt(sites.position(site) - NUMBER_BEFORE_JUMP, UNLINKED);
    code.patch(sites.elsewhere(site), stubs.unlinked);
  }
}
