package dev.ringzero.vmm.gdb;

import dev.ringzero.engine.Register;
import dev.ringzero.engine.SegmentState;
import dev.ringzero.engine.VirtualCpu;
import java.util.ArrayList;
import java.util.List;

/**
 * The registers of a vCPU in the order and widths in which gdb gets them, and the XML that tells
 * gdb so. Not modelled: x87 and vector registers are left out of the description.
 *
 * @spec GDB manual, "Standard Target Features: i386 Features"
 */
final class TargetDescription {
  private sealed interface Field {}

  private record General(String name, Register register, int bits, String type) implements Field {}

  private record Selector(String name, int segment) implements Field {}

  private record Base(String name, int segment) implements Field {}

  private record Zero(String name, int bits, String type) implements Field {}

  private static final List<Field> CORE = core();
  private static final List<Field> SEGMENTS =
      List.of(new Base("fs_base", SegmentState.FS), new Base("gs_base", SegmentState.GS));

  private TargetDescription() {}

  private static List<Field> core() {
    List<Field> fields = new ArrayList<>();
    Register[] order = {
      Register.RAX, Register.RBX, Register.RCX, Register.RDX, Register.RSI, Register.RDI,
      Register.RBP, Register.RSP, Register.R8, Register.R9, Register.R10, Register.R11,
      Register.R12, Register.R13, Register.R14, Register.R15
    };
    for (Register register : order) {
      String type = register == Register.RBP || register == Register.RSP ? "data_ptr" : "int64";
      fields.add(new General(register.name().toLowerCase(), register, 64, type));
    }
    fields.add(new General("rip", Register.RIP, 64, "code_ptr"));
    fields.add(new General("eflags", Register.RFLAGS, 32, "int32"));
    fields.add(new Selector("cs", SegmentState.CS));
    fields.add(new Selector("ss", SegmentState.SS));
    fields.add(new Selector("ds", SegmentState.DS));
    fields.add(new Selector("es", SegmentState.ES));
    fields.add(new Selector("fs", SegmentState.FS));
    fields.add(new Selector("gs", SegmentState.GS));
    for (int i = 0; i < 8; i++) {
      fields.add(new Zero("st" + i, 80, "i387_ext"));
    }
    for (String name :
        List.of("fctrl", "fstat", "ftag", "fiseg", "fioff", "foseg", "fooff", "fop")) {
      fields.add(new Zero(name, 32, "int"));
    }
    return fields;
  }

  /** The description that gdb reads as target.xml. */
  static String xml() {
    StringBuilder xml = new StringBuilder("<?xml version=\"1.0\"?><!DOCTYPE target SYSTEM ");
    xml.append("\"gdb-target.dtd\"><target><architecture>i386:x86-64</architecture>");
    feature(xml, "org.gnu.gdb.i386.core", CORE);
    feature(xml, "org.gnu.gdb.i386.segments", SEGMENTS);
    return xml.append("</target>").toString();
  }

  private static void feature(StringBuilder xml, String name, List<Field> fields) {
    xml.append("<feature name=\"").append(name).append("\">");
    for (Field field : fields) {
      xml.append("<reg name=\"").append(name(field)).append("\" bitsize=\"").append(bits(field));
      xml.append("\" type=\"").append(type(field)).append("\"/>");
    }
    xml.append("</feature>");
  }

  /** All registers as hexadecimal bytes, in target order. */
  static String read(VirtualCpu cpu) {
    StringBuilder hex = new StringBuilder();
    all().forEach(field -> hex.append(read(cpu, field)));
    return hex.toString();
  }

  /** One register by gdb's number, or "" if there is none. */
  static String read(VirtualCpu cpu, int number) {
    List<Field> all = all();
    return number < 0 || number >= all.size() ? "" : read(cpu, all.get(number));
  }

  /** Sets all registers that can be set from hexadecimal bytes in target order. */
  static void write(VirtualCpu cpu, String hex) {
    int at = 0;
    for (Field field : all()) {
      int digits = bits(field) / 4;
      if (at + digits > hex.length()) {
        return;
      }
      write(cpu, field, hex.substring(at, at + digits));
      at += digits;
    }
  }

  /** Sets one register by gdb's number. */
  static boolean write(VirtualCpu cpu, int number, String hex) {
    List<Field> all = all();
    return number >= 0 && number < all.size() && write(cpu, all.get(number), hex);
  }

  private static List<Field> all() {
    List<Field> all = new ArrayList<>(CORE);
    all.addAll(SEGMENTS);
    return all;
  }

  private static String read(VirtualCpu cpu, Field field) {
    return switch (field) {
      case General g -> Hex.littleEndian(cpu.register(g.register), g.bits / 8);
      case Selector s -> Hex.littleEndian(cpu.segment(s.segment).selector(), 4);
      case Base b -> Hex.littleEndian(cpu.segment(b.segment).base(), 8);
      case Zero z -> "0".repeat(z.bits / 4);
    };
  }

  private static boolean write(VirtualCpu cpu, Field field, String hex) {
    switch (field) {
      case General g -> cpu.register(g.register, Hex.littleEndian(hex));
      case Base b -> {
        SegmentState old = cpu.segment(b.segment);
        long base = Hex.littleEndian(hex);
        cpu.segment(
            b.segment, new SegmentState(old.selector(), base, old.limit(), old.accessRights()));
      }
      case Selector s -> {
        return false;
      }
      case Zero z -> {
        return false;
      }
    }
    return true;
  }

  private static String name(Field field) {
    return switch (field) {
      case General g -> g.name;
      case Selector s -> s.name;
      case Base b -> b.name;
      case Zero z -> z.name;
    };
  }

  private static int bits(Field field) {
    return switch (field) {
      case General g -> g.bits;
      case Selector s -> 32;
      case Base b -> 64;
      case Zero z -> z.bits;
    };
  }

  private static String type(Field field) {
    return switch (field) {
      case General g -> g.type;
      case Selector s -> "int32";
      case Base b -> "int64";
      case Zero z -> z.type;
    };
  }
}
