/**
 * How a kernel gets into a machine: what is written into guest memory before the first instruction,
 * and in which state the boot processor starts. {@link BootPlanner} decides, {@link BootPlan} is
 * the decision, and applying it is all that touches the machine.
 */
package dev.ringzero.vmm.boot;
