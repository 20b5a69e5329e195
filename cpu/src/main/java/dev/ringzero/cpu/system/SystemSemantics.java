package dev.ringzero.cpu.system;

import dev.ringzero.cpu.Semantics;

/** System, segment, far-control and I/O instructions, by the name of their meaning in the table. */
public final class SystemSemantics {
  private SystemSemantics() {}

  /** The meaning of this name, or null if it is not of this unit. */
  public static Semantics of(String meaning) {
    Semantics semantics = registers(meaning);
    if (semantics == null) {
      semantics = descriptorTables(meaning);
    }
    if (semantics == null) {
      semantics = transfers(meaning);
    }
    return semantics != null ? semantics : processor(meaning);
  }

  private static Semantics registers(String meaning) {
    return switch (meaning) {
      case "MOV_CR" -> ControlRegisterInstructions::mov;
      case "LMSW" -> ControlRegisterInstructions::lmsw;
      case "SMSW" -> ControlRegisterInstructions::smsw;
      case "CLTS" -> ControlRegisterInstructions::clts;
      case "INVLPG" -> ControlRegisterInstructions::invlpg;
      case "INVPCID" -> ControlRegisterInstructions::invpcid;
      case "INVD", "WBINVD", "WBNOINVD" -> ControlRegisterInstructions::invalidateCaches;
      case "XSETBV" -> ControlRegisterInstructions::xsetbv;
      case "RDPKRU" -> ProtectionKeys::rdpkru;
      case "WRPKRU" -> ProtectionKeys::wrpkru;
      case "XGETBV" -> ControlRegisterInstructions::xgetbv;
      case "MOV_DR" -> DebugUnit::mov;
      case "MOV_SREG" -> SegmentInstructions::mov;
      case "PUSH_SREG" -> SegmentInstructions::push;
      case "POP_SREG" -> SegmentInstructions::pop;
      case "LDS" -> SegmentInstructions::lds;
      case "LES" -> SegmentInstructions::les;
      case "LSS" -> SegmentInstructions::lss;
      case "LFS" -> SegmentInstructions::lfs;
      case "LGS" -> SegmentInstructions::lgs;
      case "RDFSBASE" -> SegmentInstructions::rdfsbase;
      case "RDGSBASE" -> SegmentInstructions::rdgsbase;
      case "WRFSBASE" -> SegmentInstructions::wrfsbase;
      case "WRGSBASE" -> SegmentInstructions::wrgsbase;
      case "CLI" -> FlagInstructions::cli;
      case "STI" -> FlagInstructions::sti;
      case "PUSHF" -> FlagInstructions::pushf;
      case "POPF" -> FlagInstructions::popf;
      case "CLAC" -> FlagInstructions::clac;
      case "STAC" -> FlagInstructions::stac;
      default -> null;
    };
  }

  private static Semantics descriptorTables(String meaning) {
    return switch (meaning) {
      case "LGDT" -> DescriptorTableInstructions::lgdt;
      case "LIDT" -> DescriptorTableInstructions::lidt;
      case "SGDT" -> DescriptorTableInstructions::sgdt;
      case "SIDT" -> DescriptorTableInstructions::sidt;
      case "LLDT" -> DescriptorTableInstructions::lldt;
      case "SLDT" -> DescriptorTableInstructions::sldt;
      case "LTR" -> DescriptorTableInstructions::ltr;
      case "STR" -> DescriptorTableInstructions::str;
      case "LAR" -> DescriptorTableInstructions::lar;
      case "LSL" -> DescriptorTableInstructions::lsl;
      case "VERR" -> DescriptorTableInstructions::verr;
      case "VERW" -> DescriptorTableInstructions::verw;
      case "ARPL" -> DescriptorTableInstructions::arpl;
      default -> null;
    };
  }

  private static Semantics transfers(String meaning) {
    return switch (meaning) {
      case "CALL_FAR" -> FarTransfer::call;
      case "JMP_FAR" -> FarTransfer::jump;
      case "RET_FAR" -> FarReturn::ret;
      case "IRET" -> InterruptReturn::iret;
      case "INT" -> SoftwareInterrupts::interrupt;
      case "INT3" -> SoftwareInterrupts::breakpoint;
      case "INT1" -> SoftwareInterrupts::debug;
      case "INTO" -> SoftwareInterrupts::overflow;
      case "BOUND" -> SoftwareInterrupts::bound;
      case "SYSCALL" -> FastSystemCalls::syscall;
      case "SYSRET" -> FastSystemCalls::sysret;
      case "SYSENTER" -> FastSystemCalls::sysenter;
      case "SYSEXIT" -> FastSystemCalls::sysexit;
      case "SWAPGS" -> FastSystemCalls::swapgs;
      default -> null;
    };
  }

  private static Semantics processor(String meaning) {
    return switch (meaning) {
      case "IN" -> PortInstructions::in;
      case "OUT" -> PortInstructions::out;
      case "INS" -> PortInstructions::ins;
      case "OUTS" -> PortInstructions::outs;
      case "RDMSR" -> ProcessorInstructions::rdmsr;
      case "WRMSR" -> ProcessorInstructions::wrmsr;
      case "CPUID" -> ProcessorInstructions::cpuid;
      case "RDTSC" -> ProcessorInstructions::rdtsc;
      case "RDTSCP" -> ProcessorInstructions::rdtscp;
      case "RDPID" -> ProcessorInstructions::rdpid;
      case "RDPMC" -> ProcessorInstructions::rdpmc;
      case "RDRAND", "RDSEED" -> ProcessorInstructions::random;
      case "HLT" -> ProcessorInstructions::hlt;
      case "MWAIT" -> ProcessorInstructions::mwait;
      case "MONITOR" -> ProcessorInstructions::monitor;
      case "PAUSE", "CLDEMOTE", "SERIALIZE" -> ProcessorInstructions::nothing;
      case "UD0", "UD1", "UD2", "RSM" -> ProcessorInstructions::undefined;
      case "VMMCALL" -> ProcessorInstructions::vmmcall;
      case "CLFLUSH", "CLFLUSHOPT", "CLWB" -> ProcessorInstructions::flushLine;
      default -> null;
    };
  }
}
