/** VT-x: VMX operation, the VMCS, entries to an inner guest and exits from it. */
package dev.ringzero.cpu.vmx;
