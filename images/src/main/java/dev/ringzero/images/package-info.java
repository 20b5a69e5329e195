/** What guests boot from: kernels, initial RAM file systems, and the packages they come out of. */
package dev.ringzero.images;
