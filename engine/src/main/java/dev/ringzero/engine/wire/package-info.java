/** What goes between network cards and networks: packets, passed on by reference. */
package dev.ringzero.engine.wire;
