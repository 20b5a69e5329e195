package dev.ringzero.cpu.vmx;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.level.Intercept;
import dev.ringzero.cpu.level.PauseLoops;
import dev.ringzero.x86.ExitReason;
import dev.ringzero.x86.instruction.Instruction;
import dev.ringzero.x86.vmx.ProcessorControls;
import dev.ringzero.x86.vmx.SecondaryControls;
import dev.ringzero.x86.vmx.VmcsField;

/**
 * Instructions of a guest: which exit, and which are not there.
 *
 * @spec Intel SDM Vol. 3C, "Instructions That Cause VM Exits"
 */
final class InstructionExits {
  private final Cpu cpu;
  private final VmxLevel level;
  private final ExitRecord exits;
  private final ControlRegisterExits controlRegisters;
  private final PortExits ports;
  private final MsrExits msrs;
  private final VmcsShadow shadow;
  private final VmFunctions functions;
  private final PauseLoops pauses;

  /** For how many ticks a loop may pause. */
  private long window;

  InstructionExits(Cpu cpu, VmxLevel level) {
    this.cpu = cpu;
    this.level = level;
    this.exits = level.exits;
    controlRegisters = new ControlRegisterExits(cpu, level);
    ports = new PortExits(cpu, level);
    msrs = new MsrExits(cpu, level);
    shadow = new VmcsShadow(cpu, level);
    functions = new VmFunctions(cpu, level);
    pauses = new PauseLoops(cpu);
  }

  /** Whether the instruction has been carried out; throws where it exits. */
  boolean intercept(Intercept what, Instruction i) {
    switch (what) {
      case CPUID -> exit(ExitReason.CPUID, i);
      case INVD -> exit(ExitReason.INVD, i);
      case XSETBV -> exit(ExitReason.XSETBV, i);
      case VMCALL -> exit(ExitReason.VMCALL, i);
      case HLT -> halt(i);
      case MWAIT -> processor(ProcessorControls.MWAIT_EXITING, ExitReason.MWAIT, i);
      case MONITOR -> processor(ProcessorControls.MONITOR_EXITING, ExitReason.MONITOR, i);
      case RDPMC -> processor(ProcessorControls.RDPMC_EXITING, ExitReason.RDPMC, i);
      case RDTSC -> processor(ProcessorControls.RDTSC_EXITING, ExitReason.RDTSC, i);
      case RDTSCP -> {
        require(SecondaryControls.RDTSCP);
        processor(ProcessorControls.RDTSC_EXITING, ExitReason.RDTSCP, i);
      }
      case RDPID -> require(SecondaryControls.RDTSCP);
      case PAUSE -> pause(i);
      case INVLPG -> {
        if (level.processor(ProcessorControls.INVLPG_EXITING)) {
          long linear = InstructionInformation.linear(cpu, i);
          throw exits.exit(ExitReason.INVLPG, linear, i.length);
        }
      }
      case INVPCID -> invpcid(i);
      case WBINVD, WBNOINVD -> secondary(SecondaryControls.WBINVD_EXITING, ExitReason.WBINVD, i);
      case RDRAND -> random(SecondaryControls.RDRAND_EXITING, ExitReason.RDRAND, i);
      case RDSEED -> random(SecondaryControls.RDSEED_EXITING, ExitReason.RDSEED, i);
      case XSAVES -> extendedState(ExitReason.XSAVES, i);
      case XRSTORS -> extendedState(ExitReason.XRSTORS, i);
      case SGDT, SIDT, LGDT, LIDT -> descriptorTable(ExitReason.GDTR_OR_IDTR_ACCESS, what, i);
      case SLDT, STR, LLDT, LTR -> descriptorTable(ExitReason.LDTR_OR_TR_ACCESS, what, i);
      case MOV_CR, CLTS, LMSW, SMSW -> {
        return controlRegisters.intercept(what, i);
      }
      case MOV_DR -> controlRegisters.debugRegister(i);
      case RDMSR -> {
        return msrs.read(i);
      }
      case WRMSR -> {
        return msrs.write(i);
      }
      case IN, OUT, INS, OUTS -> ports.intercept(what, i);
      case VMFUNC -> {
        functions.invoke(i);
        return true;
      }
      case VMREAD -> {
        if (shadow.read(i)) {
          return true;
        }
        vmx(what, i);
      }
      case VMWRITE -> {
        if (shadow.write(i)) {
          return true;
        }
        vmx(what, i);
      }
      case VMCLEAR, VMPTRLD, VMPTRST, VMXON, VMXOFF, VMLAUNCH, VMRESUME -> vmx(what, i);
      case INVEPT, INVVPID -> vmx(what, i);
      default -> {}
    }
    return false;
  }

  private void exit(ExitReason reason, Instruction i) {
    throw exits.exit(reason, 0, i.length);
  }

  private void processor(int control, ExitReason reason, Instruction i) {
    if (level.processor(control)) {
      exit(reason, i);
    }
  }

  private void secondary(int control, ExitReason reason, Instruction i) {
    if (level.secondary(control)) {
      exit(reason, i);
    }
  }

  /** #UD where a control does not enable an instruction. */
  private void require(int control) {
    if (!level.secondary(control)) {
      throw cpu.invalidOpcode();
    }
  }

  private void halt(Instruction i) {
    processor(ProcessorControls.HLT_EXITING, ExitReason.HLT, i);
    level.events.activity = Activity.HLT;
    cpu.nextRip = cpu.rip + i.length;
  }

  private boolean pauseLoops() {
    return level.secondary(SecondaryControls.PAUSE_LOOP_EXITING);
  }

  /** The guest is entered. */
  void begin() {
    if (level.processor(ProcessorControls.PAUSE_EXITING)) {
      pauses.watch(0, 0);
    } else if (pauseLoops()) {
      long gap = Math.max(1, level.vmx.vmcs.get(VmcsField.PLE_GAP));
      window = level.vmx.vmcs.get(VmcsField.PLE_WINDOW);
      pauses.watch((int) Math.clamp(window / gap, 1, Integer.MAX_VALUE - 1), gap);
    } else {
      pauses.ignore();
    }
  }

  private void pause(Instruction i) {
    processor(ProcessorControls.PAUSE_EXITING, ExitReason.PAUSE, i);
    boolean loops = pauseLoops() && pauses.counted() && cpu.cpl == 0 && pauses.elapsed() > window;
    if (loops) {
      exit(ExitReason.PAUSE, i);
    }
  }

  private void invpcid(Instruction i) {
    require(SecondaryControls.INVPCID);
    if (level.processor(ProcessorControls.INVLPG_EXITING)) {
      throw exits.exit(
          ExitReason.INVPCID,
          InstructionInformation.displacement(cpu, i),
          i.length,
          InstructionInformation.withRegister(i));
    }
  }

  private void random(int control, ExitReason reason, Instruction i) {
    if (level.secondary(control)) {
      throw exits.exit(reason, 0, i.length, InstructionInformation.random(i));
    }
  }

  private void extendedState(ExitReason reason, Instruction i) {
    require(SecondaryControls.XSAVES);
    long requested = cpu.gpr[Cpu.RDX] << 32 | cpu.gpr[Cpu.RAX] & 0xFFFF_FFFFL;
    long states = requested & (cpu.xcr0 | cpu.system.xss);
    if ((states & level.vmx.vmcs.get(VmcsField.XSS_EXITING_BITMAP)) != 0) {
      throw exits.exit(
          reason,
          InstructionInformation.displacement(cpu, i),
          i.length,
          InstructionInformation.memory(i));
    }
  }

  private void descriptorTable(ExitReason reason, Intercept what, Instruction i) {
    if (level.secondary(SecondaryControls.DESCRIPTOR_TABLE_EXITING)) {
      long displacement = i.hasMemory() ? InstructionInformation.displacement(cpu, i) : 0;
      throw exits.exit(
          reason, displacement, i.length, InstructionInformation.descriptorTable(cpu, what, i));
    }
  }

  private void vmx(Intercept what, Instruction i) {
    ExitReason reason = ExitReason.valueOf(what.name());
    switch (what) {
      case VMXOFF, VMLAUNCH, VMRESUME -> throw exits.exit(reason, 0, i.length);
      case INVEPT, INVVPID, VMREAD, VMWRITE ->
          throw exits.exit(
              reason,
              i.hasMemory() ? InstructionInformation.displacement(cpu, i) : 0,
              i.length,
              InstructionInformation.withRegister(i));
      default ->
          throw exits.exit(
              reason,
              InstructionInformation.displacement(cpu, i),
              i.length,
              InstructionInformation.memory(i));
    }
  }
}
