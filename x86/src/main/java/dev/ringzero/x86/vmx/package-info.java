/** VT-x as data: fields and controls of the virtual-machine control structure, error numbers. */
package dev.ringzero.x86.vmx;
