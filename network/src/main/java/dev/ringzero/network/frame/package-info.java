/** Offsets and constants of the protocols' headers; nothing here is copied or allocated. */
package dev.ringzero.network.frame;
