/** Starts of the default guest from a snapshot that was taken after its first boot. */
package dev.ringzero.control.warm;
