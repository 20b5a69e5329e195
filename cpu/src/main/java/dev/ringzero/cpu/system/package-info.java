/**
 * What system software sees of the processor: segmentation, events, control transfers between
 * privilege levels and tasks, control, debug and model-specific registers, ports, and reset.
 */
package dev.ringzero.cpu.system;
