package dev.ringzero.x86.instruction;

import dev.ringzero.x86.Rflags;
import dev.ringzero.x86.instruction.Operand.Place;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Reads the text of the instruction table. A line is a row of up to four columns,
 *
 * <pre>encoding | mnemonic operands | flags | attributes</pre>
 *
 * <ul>
 *   <li>Encoding: the manual's notation. {@code +r} a register in the opcode, {@code +cc} the
 *       sixteen conditions, {@code +i} any r/m, {@code /r} and {@code /digit} a ModRM byte, {@code
 *       NP} no 66, F2 or F3 prefix, {@code NFx} no F2 or F3, {@code NB} no REX.B, {@code a16} to
 *       {@code a64} an address size, {@code W0*} W0 in 64-bit mode and either elsewhere. Tokens for
 *       immediates are for the reader: the operands tell them.
 *   <li>Mnemonic: one, or three for operand sizes of 16, 32 and 64 bits.
 *   <li>Operands: {@link OperandCode}s with {@code :r}, {@code :w} or {@code :rw}; without, the
 *       first is written and the others are read.
 *   <li>Flags: {@code r:}, {@code w:} and {@code u:} with letters of {@code oszapc}, for those
 *       read, written and undefined; a flag that may be written or left alone is read as well.
 *   <li>Attributes: names of {@link Attribute} in short, {@code +FEATURE}, {@code =MEANING}, and
 *       general registers that no operand names: {@code <RAX,RDX} read, {@code >RAX} written.
 * </ul>
 *
 * A line that starts with {@code @} gives attributes to all rows up to the next such line.
 */
final class RowParser {
  private static final String[] CONDITIONS = {
    "o", "no", "b", "ae", "e", "ne", "be", "a", "s", "ns", "p", "np", "l", "ge", "le", "g"
  };
  private static final long[] CONDITION_FLAGS = {
    Rflags.OF,
    Rflags.CF,
    Rflags.ZF,
    Rflags.CF | Rflags.ZF,
    Rflags.SF,
    Rflags.PF,
    Rflags.SF | Rflags.OF,
    Rflags.SF | Rflags.OF | Rflags.ZF
  };
  private static final Operand[] NO_OPERANDS = {};

  private final Map<String, Operand[]> operandsByText = new HashMap<>(1024);
  private final Map<String, FlagColumn> flagsByText = new HashMap<>(128);
  private final List<InstructionForm> forms = new ArrayList<>(2048);
  private final OpcodeMaps maps = new OpcodeMaps();
  private final RowEncoding encoding = new RowEncoding();
  private final AttributeColumn attributes = new AttributeColumn();
  private AttributeColumn group = new AttributeColumn();

  List<InstructionForm> forms() {
    return forms;
  }

  OpcodeMaps maps() {
    return maps;
  }

  void parse(String rows) {
    int start = 0;
    while (start < rows.length()) {
      int end = rows.indexOf('\n', start);
      if (end < 0) {
        end = rows.length();
      }
      if (end > start) {
        if (rows.charAt(start) == '@') {
          group = new AttributeColumn();
          group.parse(rows.substring(start + 1, end));
        } else {
          row(rows.substring(start, end));
        }
      }
      start = end + 1;
    }
  }

  private void row(String line) {
    int first = line.indexOf('|');
    int second = line.indexOf('|', first + 1);
    int third = second < 0 ? -1 : line.indexOf('|', second + 1);
    int length = line.length();
    encoding.parse(line.substring(0, first).strip());
    FlagColumn flags =
        second < 0
            ? FlagColumn.NONE
            : flags(line.substring(second + 1, third < 0 ? length : third).strip());
    attributes.reset(group);
    if (third >= 0) {
      attributes.parse(line.substring(third + 1));
    }
    instruction(line.substring(first + 1, second < 0 ? length : second).strip(), flags);
  }

  private void instruction(String text, FlagColumn flags) {
    int space = text.indexOf(' ');
    String mnemonic = space < 0 ? text : text.substring(0, space);
    Operand[] operands = space < 0 ? NO_OPERANDS : operands(text.substring(space + 1).strip());
    encoding.apply(operands, attributes.attributes);
    if (encoding.vex) {
      attributes.attributes |= Attribute.PROTECTED;
    }
    if (encoding.conditional) {
      conditionalRows(mnemonic, operands, flags);
      return;
    }
    if (attributes.meaning == null) {
      attributes.meaning = firstOf(mnemonic);
    }
    add(mnemonics(mnemonic), operands, -1, flags);
  }

  private void conditionalRows(String mnemonic, Operand[] operands, FlagColumn flags) {
    String stem = mnemonic.substring(0, mnemonic.length() - 2).toLowerCase(Locale.ROOT);
    int opcode = encoding.opcode;
    for (int condition = 0; condition < 16; condition++) {
      encoding.opcode = opcode + condition;
      String[] mnemonics = {stem.concat(CONDITIONS[condition])};
      long read = CONDITION_FLAGS[condition >> 1];
      add(mnemonics, operands, condition, new FlagColumn(read, flags.written(), flags.undefined()));
    }
  }

  private void add(String[] mnemonics, Operand[] operands, int condition, FlagColumn flags) {
    InstructionForm form =
        new InstructionForm(
            forms.size(),
            attributes.meaning,
            mnemonics,
            encoding.text,
            operands,
            condition,
            flags.read(),
            flags.written(),
            flags.undefined(),
            attributes.implicitRead,
            attributes.implicitWritten,
            attributes.attributes,
            attributes.feature,
            encoding.reject,
            encoding.fields);
    forms.add(form);
    for (int i = 0; i < encoding.opcodes; i++) {
      maps.add(encoding.map, encoding.opcode + i, form);
    }
  }

  private static String firstOf(String mnemonic) {
    int slash = mnemonic.indexOf('/');
    return slash < 0 ? mnemonic : mnemonic.substring(0, slash);
  }

  private static String[] mnemonics(String mnemonic) {
    String lower = mnemonic.toLowerCase(Locale.ROOT);
    int first = lower.indexOf('/');
    if (first < 0) {
      return new String[] {lower};
    }
    int second = lower.indexOf('/', first + 1);
    return new String[] {
      lower.substring(0, first), lower.substring(first + 1, second), lower.substring(second + 1)
    };
  }

  private Operand[] operands(String text) {
    Operand[] operands = operandsByText.get(text);
    if (operands == null) {
      operands = newOperands(text);
      operandsByText.put(text, operands);
    }
    return operands;
  }

  private static Operand[] newOperands(String text) {
    int count = 1;
    for (int i = text.indexOf(','); i >= 0; i = text.indexOf(',', i + 1)) {
      count++;
    }
    Operand[] operands = new Operand[count];
    int start = 0;
    for (int i = 0; i < count; i++) {
      int comma = text.indexOf(',', start);
      operands[i] = newOperand(text.substring(start, comma < 0 ? text.length() : comma), i == 0);
      start = comma + 1;
    }
    return operands;
  }

  private static Operand newOperand(String text, boolean first) {
    int colon = text.indexOf(':');
    if (colon >= 0) {
      String access = text.substring(colon + 1);
      return OperandCode.parse(
          text.substring(0, colon), access.startsWith("r"), access.endsWith("w"));
    }
    Operand operand = OperandCode.parse(text, !first, first);
    boolean readOnly =
        operand.place() == Place.IMMEDIATE
            || operand.place() == Place.IMMEDIATE2
            || operand.place() == Place.RELATIVE
            || operand.place() == Place.FAR_POINTER;
    return readOnly ? OperandCode.parse(text, true, false) : operand;
  }

  private FlagColumn flags(String text) {
    if (text.isEmpty()) {
      return FlagColumn.NONE;
    }
    FlagColumn flags = flagsByText.get(text);
    if (flags == null) {
      flags = FlagColumn.parse(text);
      flagsByText.put(text, flags);
    }
    return flags;
  }
}
