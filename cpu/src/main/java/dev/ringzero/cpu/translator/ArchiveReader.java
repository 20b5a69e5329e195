package dev.ringzero.cpu.translator;

import java.nio.ByteBuffer;

/**
 * Makes the blocks of an archive ready in the order in which they ran before, on a thread of its
 * own: a boot runs them in nearly the same order.
 */
final class ArchiveReader implements Runnable {
  private final TranslationArchive archive;
  private final CodeStore store;
  private final BlockVerifier verifier;
  private final int higher;

  private ArchiveReader(TranslationArchive archive, CodeStore store, int higher) {
    this.archive = archive;
    this.store = store;
    this.higher = higher;
    verifier = new BlockVerifier(store.stubs.entries(), store.stubs.jumps());
  }

  /**
   * Starts to make blocks ready, where there is a processor for it.
   *
   * @param higher how much higher the kernel lies than it did
   */
  static void start(TranslationArchive archive, CodeStore store, int higher) {
    if (Runtime.getRuntime().availableProcessors() > 1) {
      Thread.ofPlatform()
          .daemon()
          .name("kept translations")
          .start(new ArchiveReader(archive, store, higher));
    }
  }

  @Override
  public void run() {
    HostThreads.yieldToOthers();
    ByteBuffer room = TranslationArchive.room();
    try {
      for (int n = 0; n < archive.count() && archive.isUsed(); n++) {
        if (!archive.isTaken(n)) {
          ArchivedBlock block = archive.read(n, room);
          if (!makeReady(n, block)) {
            return;
          }
        }
      }
    } catch (RuntimeException e) {
      archive.refuse(); // damaged, or refused by the verifier
    }
  }

  private boolean makeReady(int n, ArchivedBlock block) {
    int[] place = store.reserve(block);
    if (place.length == 0) {
      return false;
    }
    int position = place[0];
    int firstSite = place[1];
    byte[] code = block.codeAt(position, firstSite, block.linear() < 0 ? higher : 0);
    View view = TranslationMode.ALL[block.mode()].view();
    verifier.verify(code, code.length, position, view, at -> block.isEntry(at - position));
    store.write(position, code);
    archive.ready(n, new ReadyBlock(block.withoutCode(), position, code.length, firstSite));
    return true;
  }
}
