/** The wire between network cards: ports and what frames cross between them. */
package dev.ringzero.network;
