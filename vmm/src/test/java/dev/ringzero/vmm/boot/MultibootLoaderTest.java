package dev.ringzero.vmm.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringzero.engine.Register;
import dev.ringzero.images.kernel.ElfKernel.LoadSegment;
import dev.ringzero.images.kernel.MultibootKernel;
import dev.ringzero.images.kernel.MultibootKernel.Module;
import dev.ringzero.memory.GuestMemory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

final class MultibootLoaderTest {
  private static final long MEBIBYTE = 1 << 20;
  private static final Module FIRST = new Module(new byte[] {1, 2, 3}, "one a=b");
  private static final Module SECOND = new Module(new byte[] {4}, "two");

  private static MultibootKernel kernel(int version, long gpa) {
    LoadSegment segment = new LoadSegment(gpa, 0, 16, 0x1800);
    return new MultibootKernel(
        version, new byte[16], List.of(segment), gpa + 8, true, List.of(FIRST, SECOND));
  }

  private static MultibootLoader loader(MultibootKernel kernel) {
    return new MultibootLoader(
        kernel, MemoryMap.of(GuestMemory.pcLayout(64 * MEBIBYTE), List.of()));
  }

  private static ByteBuffer piece(MultibootLoader loader, long gpa) {
    return loader.pieces().stream()
        .filter(piece -> piece.gpa() == gpa)
        .map(piece -> ByteBuffer.wrap(piece.bytes()).order(ByteOrder.LITTLE_ENDIAN))
        .findFirst()
        .orElseThrow();
  }

  private static String text(ByteBuffer bytes, int at) {
    int end = at;
    while (bytes.get(end) != 0) {
      end++;
    }
    return new String(bytes.array(), at, end - at, StandardCharsets.US_ASCII);
  }

  @Test
  void modulesLieBehindTheKernelAndTheInformationBehindThem() {
    MultibootLoader loader = loader(kernel(1, 2 * MEBIBYTE));

    EntryState entry = loader.load("kernel words");

    assertThat(entry)
        .isEqualTo(
            new EntryState(
                EntryState.Mode.PROTECTED_32, 0x20_0008, Register.RBX, 0x20_4000, 0x2BAD_B002L));
    assertThat(piece(loader, 0x20_2000).array()).isEqualTo(FIRST.bytes());
    assertThat(piece(loader, 0x20_3000).array()).isEqualTo(SECOND.bytes());
  }

  @Test
  void theFirstVersionIsToldOfMemoryModulesAndWords() {
    MultibootLoader loader = loader(kernel(1, 2 * MEBIBYTE));
    int at = (int) loader.load("kernel words").parametersGpa();
    ByteBuffer info = piece(loader, at);

    assertThat(info.getInt(0)).isEqualTo(0x24D);
    assertThat(info.getInt(4)).as("mem_lower").isEqualTo(639);
    assertThat(info.getInt(8)).as("mem_upper").isEqualTo(63 * 1024);
    assertThat(text(info, info.getInt(16) - at)).isEqualTo("kernel words");
    assertThat(info.getInt(20)).as("mods_count").isEqualTo(2);
    int module = info.getInt(24) - at;
    assertThat(info.getInt(module)).isEqualTo(0x20_2000);
    assertThat(info.getInt(module + 4)).isEqualTo(0x20_2003);
    assertThat(text(info, info.getInt(module + 8) - at)).isEqualTo("one a=b");
    assertThat(text(info, info.getInt(module + 24) - at)).isEqualTo("two");
    int map = info.getInt(48) - at;
    assertThat(info.getInt(map)).as("size of the rest of an entry").isEqualTo(20);
    assertThat(info.getLong(map + 12)).isEqualTo(BootLayout.BIOS_DATA);
    assertThat(info.getInt(map + 20)).as("usable").isEqualTo(1);
    assertThat(text(info, info.getInt(64) - at)).isEqualTo("RingZero");
  }

  @Test
  void theSecondVersionIsToldInTags() {
    MultibootLoader loader = loader(kernel(2, 2 * MEBIBYTE));
    EntryState entry = loader.load("kernel words");
    ByteBuffer info = piece(loader, entry.parametersGpa());

    assertThat(entry.accumulator()).isEqualTo(0x36D7_6289L);
    assertThat(info.getInt(0)).as("total size").isEqualTo(info.capacity());
    StringBuilder seen = new StringBuilder();
    int tag = 8;
    while (info.getInt(tag) != 0) {
      seen.append(info.getInt(tag)).append(' ');
      switch (info.getInt(tag)) {
        case 1 -> assertThat(text(info, tag + 8)).isEqualTo("kernel words");
        case 4 -> assertThat(info.getInt(tag + 12)).isEqualTo(63 * 1024);
        default -> {}
      }
      tag += info.getInt(tag + 4) + 7 & ~7;
    }
    assertThat(seen).hasToString("1 2 3 3 4 6 ");
    assertThat(tag + 8).as("the end tag is the end").isEqualTo(info.capacity());
  }

  @Test
  void aKernelInLowMemoryHasItsModulesAboveTheFirstMegabyte() {
    MultibootLoader loader = loader(kernel(1, 0x8000));
    loader.load("");

    assertThat(piece(loader, MEBIBYTE).array()).isEqualTo(FIRST.bytes());
  }

  @Test
  void aPlaceThatIsNoRoomIsRefusedInWords() {
    assertThatThrownBy(() -> loader(kernel(1, 0xA_0000)).load(""))
        .isInstanceOf(BootException.class)
        .hasMessageContaining("wants to be at 0xa0000");
    assertThatThrownBy(() -> loader(kernel(1, 64 * MEBIBYTE)).load(""))
        .isInstanceOf(BootException.class)
        .hasMessageContaining("--memory");
  }
}
