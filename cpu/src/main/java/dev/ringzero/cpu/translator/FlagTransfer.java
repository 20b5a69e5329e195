package dev.ringzero.cpu.translator;

import static dev.ringzero.cpu.translator.Assembler.R13;
import static dev.ringzero.cpu.translator.Assembler.RAX;

/** Moves the status flags between the host's RFLAGS and the state block; R13 is lost. */
final class FlagTransfer {
  private FlagTransfer() {}

  /** Saves the host's flags, which stay as they are. */
  static void toState(Assembler code) {
    toAx(code);
    axToState(code);
  }

  /** Puts the flags into AX, and RAX into R13. */
  static void toAx(Assembler code) {
    code.move(R13, RAX);
    code.bytes(0x9F); // lahf
    code.bytes(0x0F, 0x90, 0xC0); // seto al
  }

  /** Undoes {@link #toAx}. */
  static void fromAx(Assembler code) {
    code.bytes(0x04, 0x7F); // add al, 0x7F: OF again
    code.bytes(0x9E); // sahf
    code.move(RAX, R13);
  }

  /** Saves what {@link #toAx} made, and brings RAX back. */
  static void axToState(Assembler code) {
    code.bytes(0x65, 0x66, 0x89, 0x04); // mov gs:[FLAGS], ax
    code.bytes(0x25);
    code.dword(StateBlock.FLAGS);
    code.move(RAX, R13);
  }

  /** Puts the saved flags into the host's RFLAGS. */
  static void toHost(Assembler code) {
    code.move(R13, RAX);
    code.bytes(0x65, 0x66, 0x8B, 0x04); // mov ax, gs:[FLAGS]
    code.bytes(0x25);
    code.dword(StateBlock.FLAGS);
    fromAx(code);
  }
}
