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
 *   <li>Encoding: the manual's notation. {@code +r} a register in the opcode, {@code +cc} the sixteen
 *       conditions, {@code +i} any r/m, {@code /r} and {@code /digit} a ModRM byte, {@code NP} no 66,
 *       F2 or F3 prefix, {@code NFx} no F2 or F3, {@code NB} no REX.B, {@code a16} to {@code a64} an address size,
 *       {@code W0*} W0 in 64-bit mode and either elsewhere. Tokens
 *       for immediates are for the reader: the operands tell them.
 *   <li>Mnemonic: one, or three for operand sizes of 16, 32 and 64 bits.
 *   <li>Operands: {@link OperandCode}s with {@code :r}, {@code :w} or {@code :rw}; without, the first
 *       is written and the others are read.
 *   <li>Flags: {@code r:}, {@code w:} and {@code u:} with letters of {@code oszapc}, for those read,
 *       written and undefined; a flag that may be written or left alone is read as well.
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

  // places in an array of flags
  private static final int READ = 0;
  private static final int WRITTEN = 1;
  private static final int UNDEFINED = 2;
  private static final long[] NO_FLAGS = new long[3];

  private final Map<String, Operand[]> operandsByText = new HashMap<>(1024);
  private final Map<String, long[]> flagsByText = new HashMap<>(128);
  private final List<InstructionForm> forms = new ArrayList<>(2048);
  private final OpcodeMaps maps = new OpcodeMaps();
  private final RowEncoding encoding = new RowEncoding();

  private long defaultAttributes;
  private String defaultFeature = "";
  private int defaultRead;
  private int defaultWritten;

  private String meaning;
  private String feature;
  private long attributes;
  private long[] flags;
  private int implicitRead;
  private int implicitWritten;

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
          defaults(rows.substring(start + 1, end));
        } else {
          row(rows.substring(start, end));
        }
      }
      start = end + 1;
    }
  }

  private void defaults(String text) {
    attributes = 0;
    feature = "";
    implicitRead = 0;
    implicitWritten = 0;
    attributes(text);
    defaultAttributes = attributes;
    defaultFeature = feature;
    defaultRead = implicitRead;
    defaultWritten = implicitWritten;
  }

  private void row(String line) {
    attributes = defaultAttributes;
    feature = defaultFeature;
    implicitRead = defaultRead;
    implicitWritten = defaultWritten;
    meaning = null;
    flags = NO_FLAGS;
    int first = line.indexOf('|');
    int second = line.indexOf('|', first + 1);
    int third = second < 0 ? -1 : line.indexOf('|', second + 1);
    encoding.parse(line.substring(0, first).strip());
    if (second >= 0) {
      flags(line.substring(second + 1, third < 0 ? line.length() : third).strip());
    }
    if (third >= 0) {
      attributes(line.substring(third + 1));
    }
    String instruction = line.substring(first + 1, second < 0 ? line.length() : second).strip();
    int space = instruction.indexOf(' ');
    Operand[] operands =
        space < 0 ? NO_OPERANDS : operands(instruction.substring(space + 1).strip());
    String mnemonic = space < 0 ? instruction : instruction.substring(0, space);
    encoding.apply(operands, attributes);
    if (encoding.vex) {
      attributes |= Attribute.PROTECTED;
    }
    if (encoding.conditional) {
      conditionalRows(mnemonic, operands);
    } else {
      String[] mnemonics = mnemonics(mnemonic);
      add(mnemonics, meaning != null ? meaning : firstOf(mnemonic), operands, -1, flags[READ]);
    }
  }

  private void conditionalRows(String mnemonic, Operand[] operands) {
    String stem = mnemonic.substring(0, mnemonic.length() - 2).toLowerCase(Locale.ROOT);
    int opcode = encoding.opcode;
    for (int condition = 0; condition < 16; condition++) {
      encoding.opcode = opcode + condition;
      String[] mnemonics = {stem.concat(CONDITIONS[condition]).intern()};
      add(mnemonics, meaning, operands, condition, CONDITION_FLAGS[condition >> 1]);
    }
  }

  private void add(String[] mnemonics, String key, Operand[] operands, int condition, long read) {
    InstructionForm form =
        new InstructionForm(
            forms.size(),
            key,
            mnemonics,
            encoding.text,
            operands,
            condition,
            read,
            flags[WRITTEN],
            flags[UNDEFINED],
            implicitRead,
            implicitWritten,
            attributes,
            feature,
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

  private void flags(String text) {
    if (text.isEmpty()) {
      return;
    }
    flags = flagsByText.get(text);
    if (flags == null) {
      flags = newFlags(text);
      flagsByText.put(text, flags);
    }
  }

  private static long[] newFlags(String text) {
    long[] flags = new long[3];
    char kind = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == ':' || c == ' ') {
        continue;
      }
      if (i + 1 < text.length() && text.charAt(i + 1) == ':') {
        kind = c;
        continue;
      }
      switch (kind) {
        case 'r' -> flags[READ] |= flag(c);
        case 'w' -> flags[WRITTEN] |= flag(c);
        case 'u' -> {
          flags[WRITTEN] |= flag(c);
          flags[UNDEFINED] |= flag(c);
        }
        default -> throw new IllegalArgumentException(text);
      }
    }
    return flags;
  }

  private static long flag(char letter) {
    return switch (letter) {
      case 'o' -> Rflags.OF;
      case 's' -> Rflags.SF;
      case 'z' -> Rflags.ZF;
      case 'a' -> Rflags.AF;
      case 'p' -> Rflags.PF;
      case 'c' -> Rflags.CF;
      case 'd' -> Rflags.DF;
      case 'i' -> Rflags.IF;
      default -> throw new IllegalArgumentException("flag " + letter);
    };
  }

  private void attributes(String text) {
    int start = 0;
    int length = text.length();
    while (start < length) {
      int end = text.indexOf(' ', start);
      if (end < 0) {
        end = length;
      }
      if (end > start) {
        attribute(text.substring(start, end));
      }
      start = end + 1;
    }
  }

  private void attribute(String token) {
    switch (token.charAt(0)) {
      case '+' -> feature = token.substring(1).intern();
      case '=' -> meaning = token.substring(1).intern();
      case '<' -> implicitRead = registers(token);
      case '>' -> implicitWritten = registers(token);
      default -> attributes |= bit(token);
    }
  }

  private static int registers(String token) {
    int registers = 0;
    int start = 1;
    while (start < token.length()) {
      int comma = token.indexOf(',', start);
      int end = comma < 0 ? token.length() : comma;
      registers |= RegisterNames.mask(token.substring(start, end));
      start = end + 1;
    }
    return registers;
  }

  private static long bit(String token) {
    return switch (token) {
      case "lock" -> Attribute.LOCKABLE;
      case "privileged" -> Attribute.PRIVILEGED;
      case "no64" -> Attribute.NOT_IN_64;
      case "only64" -> Attribute.ONLY_IN_64;
      case "d64" -> Attribute.DEFAULT_64;
      case "f64" -> Attribute.FORCE_64;
      case "branch" -> Attribute.BRANCH | Attribute.ENDS_BLOCK;
      case "ends" -> Attribute.ENDS_BLOCK;
      case "string" -> Attribute.STRING;
      case "x87" -> Attribute.X87;
      case "mmx" -> Attribute.MMX;
      case "sse" -> Attribute.SSE;
      case "avx" -> Attribute.AVX;
      case "aligned" -> Attribute.ALIGNED;
      case "float" -> Attribute.SIMD_FLOAT;
      case "user" -> Attribute.USER;
      case "serializing" -> Attribute.SERIALIZING;
      case "protected" -> Attribute.PROTECTED;
      case "memory" -> Attribute.MEMORY_ONLY;
      case "register" -> Attribute.REGISTER_ONLY;
      default -> throw new IllegalArgumentException(token);
    };
  }
}
