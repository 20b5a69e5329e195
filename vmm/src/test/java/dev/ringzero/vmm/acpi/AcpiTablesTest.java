package dev.ringzero.vmm.acpi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.vmm.machine.BoardLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AcpiTablesTest {
  private static final long BASE = 0xE_0000;

  private static ByteBuffer table(AcpiTables tables, long gpa) {
    int offset = (int) (gpa - tables.gpa());
    ByteBuffer all = ByteBuffer.wrap(tables.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    int length = all.getInt(offset + 4);
    return all.slice(offset, length).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static String signature(ByteBuffer table) {
    return StandardCharsets.US_ASCII.decode(table.duplicate().limit(4)).toString();
  }

  private static int sum(ByteBuffer table, int length) {
    int sum = 0;
    for (int i = 0; i < length; i++) {
      sum += table.get(i);
    }
    return sum & 0xFF;
  }

  private static ByteBuffer rootPointer(AcpiTables tables) {
    return ByteBuffer.wrap(tables.bytes()).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static List<ByteBuffer> listed(AcpiTables tables) {
    ByteBuffer xsdt = table(tables, rootPointer(tables).getLong(24));
    List<ByteBuffer> found = new ArrayList<>();
    for (int at = 36; at < xsdt.limit(); at += 8) {
      found.add(table(tables, xsdt.getLong(at)));
    }
    return found;
  }

  private static ByteBuffer named(AcpiTables tables, String signature) {
    return listed(tables).stream().filter(t -> signature(t).equals(signature)).findAny().get();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4, 255, 300})
  void everyTableSumsToZeroAndFitsBelowOneMebibyte(int processors) {
    AcpiTables tables = AcpiTables.of(BASE, processors, true);
    ByteBuffer pointer = rootPointer(tables);
    assertThat(sum(pointer, 20)).isZero();
    assertThat(sum(pointer, 36)).isZero();
    assertThat(tables.gpa() + tables.bytes().length).isLessThanOrEqualTo(1 << 20);
    ByteBuffer xsdt = table(tables, pointer.getLong(24));
    assertThat(sum(xsdt, xsdt.limit())).isZero();
    assertThat(listed(tables)).allMatch(t -> sum(t, t.limit()) == 0);
    assertThat(listed(tables).stream().map(AcpiTablesTest::signature))
        .containsExactly("FACP", "APIC", "MCFG", "HPET", "DMAR");
  }

  @Test
  void fixedTableHasItsSizeAndLeadsToTheOthers() {
    AcpiTables tables = AcpiTables.of(BASE, 2, false);
    ByteBuffer fadt = named(tables, "FACP");
    assertThat(fadt.limit()).isEqualTo(276);
    assertThat(signature(table(tables, fadt.getInt(36)))).isEqualTo("FACS");
    assertThat(fadt.getInt(36) % 64).isZero();
    ByteBuffer dsdt = table(tables, fadt.getLong(140));
    assertThat(signature(dsdt)).isEqualTo("DSDT");
    assertThat(sum(dsdt, dsdt.limit())).isZero();
    assertThat(fadt.getInt(76)).as("PM timer").isEqualTo(0x608);
    assertThat(fadt.getLong(120)).as("reset register").isEqualTo(0xCF9);
    assertThat(fadt.getInt(112) & 1 << 20).as("not hardware-reduced").isZero();
  }

  @Test
  void multipleApicTableListsEveryProcessorOnce() {
    ByteBuffer madt = named(AcpiTables.of(BASE, 300, false), "APIC");
    List<Integer> ids = new ArrayList<>();
    for (int at = 44; at < madt.limit(); at += madt.get(at + 1)) {
      switch (madt.get(at)) {
        case 0 -> ids.add(madt.get(at + 3) & 0xFF);
        case 9 -> ids.add(madt.getInt(at + 4));
        case 1 -> assertThat(madt.getInt(at + 4)).isEqualTo((int) BoardLayout.IOAPIC);
        default -> assertThat(madt.get(at)).isIn((byte) 2, (byte) 4, (byte) 10);
      }
    }
    assertThat(ids).hasSize(300).doesNotHaveDuplicates().startsWith(0, 1).endsWith(299);
  }

  @Test
  void lengthsInMachineLanguageTakeOneToFourBytes() {
    assertThat(Aml.buffer(new byte[10])).startsWith(0x11, 13, 0x0A, 10);
    assertThat(Aml.buffer(new byte[100])).startsWith(0x11, 0x48, 0x06, 0x0A, 100);
    assertThat(Aml.buffer(new byte[0x1000])).startsWith(0x11, 0x86, 0x00, 0x01, 0x0B, 0, 0x10);
  }

  @Test
  void namesAndIdentifiersAreEncoded() {
    assertThat(Aml.eisaId("PNP0A08")).containsExactly(0x0C, 0x41, 0xD0, 0x0A, 0x08);
    assertThat(Aml.nameString("\\_S5")).containsExactly('\\', '_', 'S', '5', '_');
    assertThat(Aml.integer(0x1_0000_0000L)).containsExactly(0x0E, 0, 0, 0, 0, 1, 0, 0, 0);
  }
}
