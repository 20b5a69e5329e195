package dev.ringzero.cpu.svm;

import dev.ringzero.cpu.level.LevelExits;
import dev.ringzero.x86.SvmExitCode;

/** Exit codes as the small numbers by which they are counted. */
final class ExitReasons {
  private static final int CODES = 0xA8;
  private static final int NPF = CODES;
  private static final int INVALID = CODES + 1;
  private static final int OTHER = CODES + 2;

  private ExitReasons() {}

  static LevelExits counters() {
    String[] names = new String[CODES + 3];
    for (int code = 0; code < CODES; code++) {
      names[code] = SvmExitCode.name(code);
    }
    names[NPF] = SvmExitCode.name(SvmExitCode.NPF);
    names[INVALID] = SvmExitCode.name(SvmExitCode.INVALID);
    names[OTHER] = "OTHER";
    return new LevelExits(names);
  }

  static int number(int exitCode) {
    return switch (exitCode) {
      case SvmExitCode.NPF -> NPF;
      case SvmExitCode.INVALID -> INVALID;
      default -> exitCode >= 0 && exitCode < CODES ? exitCode : OTHER;
    };
  }
}
