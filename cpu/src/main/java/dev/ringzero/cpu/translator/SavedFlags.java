package dev.ringzero.cpu.translator;

/** Whether, at a place of a block, the flags that are wanted at an exit are in the state block. */
final class SavedFlags {
  private final Assembler code;

  boolean saved;

  SavedFlags(Assembler code) {
    this.code = code;
  }

  /** Emits what saves them, if they are not. */
  void save() {
    if (!saved) {
      FlagTransfer.toState(code);
      saved = true;
    }
  }
}
