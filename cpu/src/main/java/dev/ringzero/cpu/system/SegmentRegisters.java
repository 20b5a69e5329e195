package dev.ringzero.cpu.system;

import static dev.ringzero.cpu.system.DescriptorTables.errorCode;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.x86.Vector;

/**
 * Loading of segment registers with their hidden parts.
 *
 * @spec Intel SDM Vol. 2B, "MOV"; Vol. 3A, "Privilege Level Checking When Accessing Data Segments"
 */
final class SegmentRegisters {
  private SegmentRegisters() {}

  static void set(Cpu cpu, int segment, int selector, long base, long limit, int access) {
    cpu.selector[segment] = selector;
    cpu.segmentBase[segment] = base;
    cpu.segmentLimit[segment] = limit;
    cpu.segmentAccess[segment] = access;
  }

  /** Sets the hidden part from a descriptor. */
  static void set(Cpu cpu, int segment, int selector, long descriptor) {
    set(
        cpu,
        segment,
        selector,
        Descriptor.base(descriptor),
        Descriptor.limit(descriptor),
        Descriptor.access(descriptor) | AccessRights.ACCESSED);
  }

  /** Loads CS in protected mode, with a new privilege level. */
  static void setCode(Cpu cpu, int selector, long descriptor, int cpl) {
    set(cpu, Cpu.CS, selector & 0xFFFC | cpl, descriptor);
    Modes.codeSegmentChanged(cpu);
    Modes.privilege(cpu, cpl);
  }

  /** SS as a switch to an inner level in IA-32e mode leaves it: null. */
  static void setNullStack(Cpu cpu, int cpl) {
    int access = AccessRights.withDpl(AccessRights.UNUSABLE | AccessRights.DB, cpl);
    set(cpu, Cpu.SS, cpl, 0, 0xFFFF_FFFFL, access);
  }

  static void setNull(Cpu cpu, int segment, int selector) {
    set(cpu, segment, selector, 0, 0, AccessRights.UNUSABLE);
  }

  /** A load of ES, SS, DS, FS or GS in the present mode, as MOV and POP do it. */
  static void load(Cpu cpu, int segment, int selector) {
    if (!Segmentation.protectedMode(cpu)) {
      loadParagraph(cpu, segment, selector);
    } else if (segment == Cpu.SS) {
      loadStack(cpu, selector);
    } else {
      loadData(cpu, segment, selector);
    }
  }

  /** A load in real-address or virtual-8086 mode. Real-address mode keeps limit and type. */
  static void loadParagraph(Cpu cpu, int segment, int selector) {
    cpu.selector[segment] = selector;
    cpu.segmentBase[segment] = (long) selector << 4;
    if (Segmentation.virtual8086(cpu)) {
      cpu.segmentLimit[segment] = 0xFFFF;
      cpu.segmentAccess[segment] = AccessRights.VIRTUAL_8086;
    } else if (!AccessRights.usable(cpu.segmentAccess[segment])) {
      cpu.segmentLimit[segment] = 0xFFFF;
      cpu.segmentAccess[segment] = AccessRights.REAL_MODE_DATA;
    }
  }

  private static void loadData(Cpu cpu, int segment, int selector) {
    if (DescriptorTables.isNull(selector)) {
      setNull(cpu, segment, selector);
      return;
    }
    long descriptor = DescriptorTables.fetch(cpu, selector, Vector.GP);
    checkData(cpu, selector, descriptor, Vector.GP);
    DescriptorTables.markAccessed(cpu, selector, descriptor);
    set(cpu, segment, selector, descriptor);
  }

  /** Checks a descriptor for ES, DS, FS or GS at the current privilege level. */
  static void checkData(Cpu cpu, int selector, long descriptor, int vector) {
    boolean conformingCode = Descriptor.code(descriptor) && Descriptor.conforming(descriptor);
    int required = Math.max(cpu.cpl, selector & 3);
    if (Descriptor.system(descriptor)
        || !Descriptor.readable(descriptor)
        || !conformingCode && required > Descriptor.dpl(descriptor)) {
      throw cpu.fault(vector, errorCode(selector));
    }
    if (!Descriptor.present(descriptor)) {
      throw cpu.fault(Vector.NP, errorCode(selector));
    }
  }

  private static void loadStack(Cpu cpu, int selector) {
    if (DescriptorTables.isNull(selector)) {
      if (cpu.codeSize != 64 || cpu.cpl == 3 || (selector & 3) != cpu.cpl) {
        throw cpu.fault(Vector.GP, 0);
      }
      setNullStack(cpu, cpu.cpl);
      return;
    }
    long descriptor = DescriptorTables.fetch(cpu, selector, Vector.GP);
    checkStack(cpu, selector, descriptor, cpu.cpl, Vector.GP, 0);
    DescriptorTables.markAccessed(cpu, selector, descriptor);
    set(cpu, Cpu.SS, selector, descriptor);
  }

  /**
   * Checks a descriptor for SS at a privilege level.
   *
   * @param vector #GP or #TS where type or privilege do not fit
   */
  static void checkStack(
      Cpu cpu, int selector, long descriptor, int cpl, int vector, int external) {
    if ((selector & 3) != cpl
        || !Descriptor.writableData(descriptor)
        || Descriptor.dpl(descriptor) != cpl) {
      throw cpu.fault(vector, errorCode(selector) | external);
    }
    if (!Descriptor.present(descriptor)) {
      throw cpu.fault(Vector.SS, errorCode(selector) | external);
    }
  }

  /** After a return to an outer level: data segments that it may not use become null. */
  static void dropInnerData(Cpu cpu) {
    for (int segment = Cpu.ES; segment <= Cpu.GS; segment++) {
      if (segment != Cpu.CS && segment != Cpu.SS && inner(cpu, cpu.segmentAccess[segment])) {
        cpu.selector[segment] = 0;
        cpu.segmentAccess[segment] = AccessRights.UNUSABLE;
      }
    }
  }

  private static boolean inner(Cpu cpu, int access) {
    int conformingCode = AccessRights.CODE | AccessRights.CONFORMING;
    return AccessRights.usable(access)
        && AccessRights.dpl(access) < cpu.cpl
        && (access & conformingCode) != conformingCode;
  }
}
