/** Small programs of ours for guests, written as machine code: no compiler, no binary file. */
package dev.ringzero.images.program;
