package dev.ringzero.x86.instruction;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class InstructionTableTest {
  private final List<InstructionForm> forms = InstructionTable.forms();

  @Test
  void identifiersAreDense() {
    for (int id = 0; id < forms.size(); id++) {
      assertThat(forms.get(id).id).isEqualTo(id);
    }
  }

  @Test
  void noRowHidesAnother() {
    List<String> hidden = new ArrayList<>();
    for (int map = 0; map < 8; map++) {
      for (int opcode = 0; opcode < 256; opcode++) {
        InstructionForm[] rows = InstructionTable.MAPS.rows(map, opcode);
        for (int i = 0; rows != null && i < rows.length; i++) {
          for (int j = 0; j < i; j++) {
            if ((rows[j].reject & ~rows[i].reject) == 0) {
              hidden.add(rows[i] + " by " + rows[j]);
            }
          }
        }
      }
    }
    assertThat(hidden).isEmpty();
  }

  @Test
  void rowsOfAnOpcodeAgreeOnModrm() {
    for (int map = 0; map < 8; map++) {
      for (int opcode = 0; opcode < 256; opcode++) {
        InstructionForm[] rows = InstructionTable.MAPS.rows(map, opcode);
        if (rows != null) {
          assertThat(rows).allMatch(row -> modrm(row) == modrm(rows[0]));
        }
      }
    }
  }

  @Test
  void immediatesInTheEncodingAreThoseOfTheOperands() {
    assertThat(forms)
        .allSatisfy(form -> {
          boolean told =
              form.encoding.matches(".* (ib|iw|iz|iv|cb|cz|cp|mo|/is4)( ib)?")
                  || form.encoding.endsWith(" ib");
          assertThat(told)
              .as(form.toString())
              .isEqualTo(form.fields >>> Fields.SECOND_BYTE_SHIFT != 0);
        });
  }

  @Test
  void undefinedFlagsCountAsWritten() {
    assertThat(forms)
        .allSatisfy(form -> assertThat(form.flagsUndefined & ~form.flagsWritten).isZero());
  }

  @Test
  void conditionalRowsKnowTheirCondition() {
    assertThat(forms)
        .filteredOn(form -> List.of("JCC", "SETCC", "CMOVCC").contains(form.meaning))
        .hasSize(4 * 16)
        .allSatisfy(form -> {
          assertThat(form.condition).isBetween(0, 15);
          assertThat(form.flagsRead).isNotZero();
        });
  }

  @Test
  void vexRowsNeedProtectedMode() {
    assertThat(forms)
        .filteredOn(form -> form.encoding.startsWith("VEX"))
        .allMatch(form -> form.is(Attribute.PROTECTED));
  }

  private static boolean modrm(InstructionForm form) {
    return (form.fields & Fields.MODRM) != 0;
  }
}
