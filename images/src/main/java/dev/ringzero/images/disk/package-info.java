/** Disk images: files of the host that a guest sees as a disk. */
package dev.ringzero.images.disk;
