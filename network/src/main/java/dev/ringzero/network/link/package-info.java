/** What real lines do to frames: delay, jitter, loss, a limited rate. */
package dev.ringzero.network.link;
