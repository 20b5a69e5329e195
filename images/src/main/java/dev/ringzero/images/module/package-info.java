/** Kernel modules: which of them a guest needs, and in which order. */
package dev.ringzero.images.module;
