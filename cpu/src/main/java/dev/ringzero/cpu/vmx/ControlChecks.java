package dev.ringzero.cpu.vmx;

import dev.ringzero.x86.AddressWidth;
import dev.ringzero.x86.Cr0;
import dev.ringzero.x86.InterruptionInformation;
import dev.ringzero.x86.Vector;
import dev.ringzero.x86.vmx.EntryControls;
import dev.ringzero.x86.vmx.ExitControls;
import dev.ringzero.x86.vmx.PinBasedControls;
import dev.ringzero.x86.vmx.ProcessorControls;
import dev.ringzero.x86.vmx.SecondaryControls;
import dev.ringzero.x86.vmx.VmcsField;

/**
 * Whether the controls of a VMCS allow a VM entry.
 *
 * @spec Intel SDM Vol. 3C, "Checks on VMX Controls"
 */
final class ControlChecks {
  private static final int MSR_ENTRY_BYTES = 16;
  private static final int RESERVED_TYPE = 1;

  private final Vmx vmx;
  private final Vmcs vmcs;
  private int pin;
  private int processor;
  private int secondary;
  private int exit;
  private int entry;

  ControlChecks(Vmx vmx) {
    this.vmx = vmx;
    this.vmcs = vmx.vmcs;
  }

  boolean pass() {
    pin = vmcs.get32(VmcsField.PIN_BASED_CONTROLS);
    processor = vmcs.get32(VmcsField.PROCESSOR_CONTROLS);
    exit = vmcs.get32(VmcsField.EXIT_CONTROLS);
    entry = vmcs.get32(VmcsField.ENTRY_CONTROLS);
    boolean activated = processor(ProcessorControls.SECONDARY_CONTROLS);
    secondary = activated ? vmcs.get32(VmcsField.SECONDARY_CONTROLS) : 0;
    return reservedBits()
        && bitmaps()
        && virtualApic()
        && interrupts()
        && secondaryFeatures()
        && exitControls()
        && entryControls();
  }

  private boolean pin(int bit) {
    return (pin & bit) != 0;
  }

  private boolean processor(int bit) {
    return (processor & bit) != 0;
  }

  private boolean secondary(int bit) {
    return (secondary & bit) != 0;
  }

  /** Bit {@code needed} must be set wherever {@code bit} is. */
  private static boolean implies(boolean bit, boolean needed) {
    return !bit || needed;
  }

  private boolean page(boolean used, int field) {
    return !used || Vmx.validPage(vmcs.get(field));
  }

  private boolean reservedBits() {
    return VmxCapabilities.pinBasedAllowed(pin)
        && VmxCapabilities.processorAllowed(processor)
        && VmxCapabilities.secondaryAllowed(secondary)
        && VmxCapabilities.exitAllowed(exit)
        && VmxCapabilities.entryAllowed(entry)
        && Integer.compareUnsigned(
                vmcs.get32(VmcsField.CR3_TARGET_COUNT), VmxCapabilities.CR3_TARGETS)
            <= 0;
  }

  private boolean bitmaps() {
    boolean ports = processor(ProcessorControls.IO_BITMAPS);
    boolean shadowing = secondary(SecondaryControls.VMCS_SHADOWING);
    return page(ports, VmcsField.IO_BITMAP_A)
        && page(ports, VmcsField.IO_BITMAP_B)
        && page(processor(ProcessorControls.MSR_BITMAPS), VmcsField.MSR_BITMAPS)
        && page(shadowing, VmcsField.VMREAD_BITMAP)
        && page(shadowing, VmcsField.VMWRITE_BITMAP);
  }

  private boolean virtualApic() {
    boolean delivery = secondary(SecondaryControls.VIRTUAL_INTERRUPT_DELIVERY);
    boolean accesses = secondary(SecondaryControls.VIRTUALIZE_APIC_ACCESSES);
    boolean x2apic = secondary(SecondaryControls.VIRTUALIZE_X2APIC);
    if (!page(accesses, VmcsField.APIC_ACCESS_ADDRESS) || x2apic && accesses) {
      return false;
    }
    if (!processor(ProcessorControls.TPR_SHADOW)) {
      return !x2apic && !delivery && !secondary(SecondaryControls.APIC_REGISTER_VIRTUALIZATION);
    }
    if (!page(true, VmcsField.VIRTUAL_APIC_ADDRESS)) {
      return false;
    }
    int threshold = vmcs.get32(VmcsField.TPR_THRESHOLD);
    return delivery
        || (threshold & ~0xF) == 0 && (accesses || threshold <= virtualTaskPriority() >>> 4);
  }

  private int virtualTaskPriority() {
    long page = vmcs.get(VmcsField.VIRTUAL_APIC_ADDRESS);
    return (int) vmx.memory().read8(page + VirtualApic.TPR);
  }

  private boolean interrupts() {
    boolean virtualNmis = pin(PinBasedControls.VIRTUAL_NMIS);
    boolean delivery = secondary(SecondaryControls.VIRTUAL_INTERRUPT_DELIVERY);
    return implies(virtualNmis, pin(PinBasedControls.NMI_EXITING))
        && implies(processor(ProcessorControls.NMI_WINDOW_EXITING), virtualNmis)
        && implies(delivery, pin(PinBasedControls.EXTERNAL_INTERRUPT_EXITING))
        && implies(pin(PinBasedControls.POSTED_INTERRUPTS), delivery && postedInterrupts());
  }

  private boolean postedInterrupts() {
    long descriptor = vmcs.get(VmcsField.POSTED_INTERRUPT_DESCRIPTOR);
    return (exit & ExitControls.ACKNOWLEDGE_INTERRUPT) != 0
        && vmcs.get(VmcsField.POSTED_INTERRUPT_NOTIFICATION_VECTOR) <= 0xFF
        && (descriptor & 0x3F) == 0
        && descriptor >>> AddressWidth.PHYSICAL_BITS == 0;
  }

  private boolean secondaryFeatures() {
    boolean ept = secondary(SecondaryControls.EPT);
    boolean pml = secondary(SecondaryControls.PML);
    return implies(
            secondary(SecondaryControls.VPID),
            vmcs.get(VmcsField.VIRTUAL_PROCESSOR_IDENTIFIER) != 0)
        && implies(ept, EptPointer.valid(vmcs.get(VmcsField.EPT_POINTER)))
        && implies(pml, ept)
        && page(pml, VmcsField.PML_ADDRESS)
        && implies(secondary(SecondaryControls.UNRESTRICTED_GUEST), ept)
        && vmFunctions(ept)
        && page(
            secondary(SecondaryControls.EPT_VIOLATION_VE),
            VmcsField.VIRTUALIZATION_EXCEPTION_ADDRESS);
  }

  private boolean vmFunctions(boolean ept) {
    if (!secondary(SecondaryControls.VM_FUNCTIONS)) {
      return true;
    }
    long functions = vmcs.get(VmcsField.VM_FUNCTION_CONTROLS);
    return (functions & ~VmxCapabilities.VM_FUNCTIONS) == 0
        && implies(functions != 0, ept)
        && page(functions != 0, VmcsField.EPTP_LIST_ADDRESS);
  }

  private boolean exitControls() {
    return implies(
            (exit & ExitControls.SAVE_PREEMPTION_TIMER) != 0,
            pin(PinBasedControls.PREEMPTION_TIMER))
        && area(VmcsField.EXIT_MSR_STORE_COUNT, VmcsField.EXIT_MSR_STORE_ADDRESS)
        && area(VmcsField.EXIT_MSR_LOAD_COUNT, VmcsField.EXIT_MSR_LOAD_ADDRESS);
  }

  private boolean area(int countField, int addressField) {
    long count = vmcs.get(countField);
    long address = vmcs.get(addressField);
    return count == 0
        || (address & MSR_ENTRY_BYTES - 1) == 0
            && address >>> AddressWidth.PHYSICAL_BITS == 0
            && address + count * MSR_ENTRY_BYTES - 1 >>> AddressWidth.PHYSICAL_BITS == 0;
  }

  private boolean entryControls() {
    int smm = EntryControls.ENTRY_TO_SMM | EntryControls.DEACTIVATE_DUAL_MONITOR;
    return (entry & smm) == 0
        && area(VmcsField.ENTRY_MSR_LOAD_COUNT, VmcsField.ENTRY_MSR_LOAD_ADDRESS)
        && injection(vmcs.get32(VmcsField.ENTRY_INTERRUPTION_INFORMATION));
  }

  private boolean injection(int information) {
    if (information >= 0) {
      return true; // not valid: nothing is injected
    }
    int type = information >>> InterruptionInformation.TYPE_SHIFT & 7;
    int vector = information & InterruptionInformation.VECTOR;
    boolean hasCode = (information & InterruptionInformation.ERROR_CODE_VALID) != 0;
    boolean reserved = (information & 0x7FFF_F000) != 0;
    return !reserved
        && type != RESERVED_TYPE
        && vectorFits(type, vector)
        && hasCode == deliversErrorCode(type, vector)
        && (!hasCode || vmcs.get(VmcsField.ENTRY_EXCEPTION_ERROR_CODE) >>> 16 == 0)
        && lengthFits(type);
  }

  private static boolean vectorFits(int type, int vector) {
    return switch (type) {
      case InterruptionInformation.NMI -> vector == Vector.NMI;
      case InterruptionInformation.HARDWARE_EXCEPTION -> vector <= 31;
      case InterruptionInformation.OTHER_EVENT -> vector == 0;
      default -> true;
    };
  }

  private boolean deliversErrorCode(int type, int vector) {
    boolean protection =
        !secondary(SecondaryControls.UNRESTRICTED_GUEST)
            || (vmcs.get(VmcsField.GUEST_CR0) & Cr0.PE) != 0;
    return protection
        && type == InterruptionInformation.HARDWARE_EXCEPTION
        && switch (vector) {
          case Vector.DF, Vector.TS, Vector.NP, Vector.SS, Vector.GP, Vector.PF, Vector.AC -> true;
          default -> false;
        };
  }

  private boolean lengthFits(int type) {
    boolean software =
        type >= InterruptionInformation.SOFTWARE_INTERRUPT
            && type != InterruptionInformation.OTHER_EVENT;
    return !software || vmcs.get(VmcsField.ENTRY_INSTRUCTION_LENGTH) <= 15;
  }
}
