/** Writes ext4 file systems. */
package dev.ringzero.images.ext4;
