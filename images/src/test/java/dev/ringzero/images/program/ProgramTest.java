package dev.ringzero.images.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ringzero.images.program.Program.Condition;
import dev.ringzero.images.program.Program.Routine;
import dev.ringzero.images.program.Value.Constant;
import dev.ringzero.images.program.Value.Variable;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ProgramTest {
  private static final int PT_LOAD = 1;
  private static final int SEGMENTS_AT = 64;
  private static final int SEGMENT_BYTES = 56;

  @TempDir Path directory;

  /** What ended, and what it printed. */
  private record Ended(int status, String printed) {}

  /** Our programs are for Linux on x86-64, which runs this test often enough. */
  private Ended run(Program program, String... words) throws Exception {
    assumeTrue(
        System.getProperty("os.arch").equals("amd64")
            && System.getProperty("os.name").equals("Linux"),
        "skipped: this is no Linux on x86-64");
    Path file = directory.resolve("program");
    Files.write(file, program.finish());
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    String[] command = new String[words.length + 1];
    command[0] = file.toString();
    System.arraycopy(words, 0, command, 1, words.length);
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    return new Ended(process.waitFor(), printed);
  }

  private static void print(Program program, Value text, int lengthBytes) {
    program.syscall(Syscall.WRITE, program.number(1), text, program.number(lengthBytes));
  }

  @Test
  void aProgramPrintsAndEndsWithItsStatus() throws Exception {
    Program program = new Program();
    print(program, program.text("hello\n"), 6);
    program.exit(7);
    assertThat(run(program)).isEqualTo(new Ended(7, "hello\n"));
  }

  @Test
  void loopsEndWhereTheyAreLeft() throws Exception {
    Program program = new Program();
    Variable rounds = program.variable();
    program.loop(() -> {
      program.when(rounds, Condition.EQUAL, program.number(3), program::leave);
      Variable inner = program.variable();
      program.set(inner, program.number(-2));
      program.loop(() -> {
        program.when(inner, Condition.GREATER, program.number(-1), program::leave);
        print(program, program.text("x"), 1);
        program.add(inner, program.number(1));
      });
      print(program, program.text("."), 1);
      program.add(rounds, program.number(1));
    });
    program.exit(0);
    assertThat(run(program)).isEqualTo(new Ended(0, "xx.xx.xx."));
  }

  @Test
  void aRoutineIsRunWhereItIsCalledAlone() throws Exception {
    Program program = new Program();
    Variable times = program.variable();
    Routine routine =
        program.routine(() -> {
          program.add(times, program.number(1));
          program.when(times, Condition.NOT_EQUAL, program.number(2), program::giveBack);
          print(program, program.text("second"), 6);
        });
    program.call(routine);
    program.call(routine);
    program.call(routine);
    program.exit(0);
    assertThat(run(program)).isEqualTo(new Ended(0, "second"));
  }

  @Test
  void memoryIsReadAndWrittenInAllSizes() throws Exception {
    Program program = new Program();
    Constant bytes = program.data(new byte[] {'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', '\n'});
    Variable value = program.variable();
    for (int size : new int[] {1, 2, 4}) {
      program.read(value, size, bytes, 0);
      program.add(value, program.number(1));
      program.write(size, bytes, 0, value);
    }
    program.read(value, 8, bytes, 0);
    program.subtract(value, program.number(3));
    program.write(8, bytes, 0, value);
    print(program, bytes, 9);
    Constant zero = program.room(1);
    program.read(value, 1, zero, 0);
    program.when(value, Condition.LESS, program.number(0), () -> program.exit(1));
    program.exit(0);
    assertThat(run(program)).isEqualTo(new Ended(0, "abcdefgh\n"));
  }

  @Test
  void theStackHasTheWordsOfTheCommandLine() throws Exception {
    Program program = new Program();
    Variable stack = program.variable();
    Variable word = program.variable();
    Variable count = program.variable();
    program.keepStack(stack);
    program.read(count, 8, stack, 0);
    program.when(count, Condition.NOT_EQUAL, program.number(2), () -> program.exit(1));
    program.read(word, 8, stack, 16);
    print(program, word, 4);
    program.exit(0);
    assertThat(run(program, "word")).isEqualTo(new Ended(0, "word"));
  }

  @Test
  void theAgentIsSmallAndNothingOfItIsBothWritableAndCode() {
    byte[] file = AgentProgram.file();
    assertThat(file.length).isLessThan(16 << 10);
    assertThat(AgentProgram.file()).isEqualTo(file);
    ByteBuffer elf = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    assertThat(elf.getInt(0)).isEqualTo(0x464C_457F);
    assertThat(elf.getShort(16)).as("executable").isEqualTo((short) 2);
    assertThat(elf.getShort(18)).as("x86-64").isEqualTo((short) 62);
    long entry = elf.getLong(24);
    boolean hasEntry = false;
    for (int i = 0; i < elf.getShort(56); i++) {
      int at = SEGMENTS_AT + i * SEGMENT_BYTES;
      int flags = elf.getInt(at + 4);
      assertThat(flags & 3).as("writable code").isNotEqualTo(3);
      if (elf.getInt(at) == PT_LOAD) {
        long offset = elf.getLong(at + 8);
        long address = elf.getLong(at + 16);
        long bytes = elf.getLong(at + 32);
        assertThat(offset % 4096).isEqualTo(address % 4096);
        assertThat(offset + bytes).isLessThanOrEqualTo(file.length);
        assertThat(elf.getLong(at + 40)).isGreaterThanOrEqualTo(bytes);
        hasEntry |= (flags & 1) != 0 && entry >= address && entry < address + bytes;
      }
    }
    assertThat(hasEntry).isTrue();
  }
}
