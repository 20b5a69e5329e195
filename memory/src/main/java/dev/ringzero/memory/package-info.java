/** Machine frames, guest-physical spaces, and the port and MMIO buses. */
package dev.ringzero.memory;
