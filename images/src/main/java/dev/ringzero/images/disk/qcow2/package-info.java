/**
 * qcow2 images. Data goes to the file at once, tables when the guest flushes, in this order with a
 * barrier between each: data and reference counts of new clusters, second-level tables, the first
 * level, reference counts of clusters no longer used. Whatever of it is missing after a crash, the
 * image is consistent and at worst has clusters that nobody uses.
 */
package dev.ringzero.images.disk.qcow2;
