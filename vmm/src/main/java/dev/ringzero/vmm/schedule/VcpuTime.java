package dev.ringzero.vmm.schedule;

/**
 * What a vCPU had of the physical CPUs so far.
 *
 * @param ranNanos for which it ran
 * @param waitedNanos for which it could have run and did not: what guests call steal time
 * @param slices how often it began to run
 */
public record VcpuTime(String vcpu, long ranNanos, long waitedNanos, long slices) {}
