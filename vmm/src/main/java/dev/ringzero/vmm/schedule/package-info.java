/**
 * Time slicing: a bounded set of physical CPUs, which are threads of the host, runs the vCPUs of
 * all machines of this process in short slices. {@link dev.ringzero.vmm.schedule.FairShare} decides
 * who runs next and knows neither threads nor guests; {@link
 * dev.ringzero.vmm.schedule.PhysicalCpus} does what it decides.
 */
package dev.ringzero.vmm.schedule;
