/**
 * Machines saved on disk, made again of what was saved, and copied while they run: what of a
 * machine lies outside it, its disks and networks, is settled here.
 */
package dev.ringzero.control.snapshot;
