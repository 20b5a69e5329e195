package dev.ringzero.cpu.translator;

/**
 * A block of an archive that lies in code memory, verified, and belongs to no page yet.
 *
 * @param block all of it but its code
 * @param position where its code lies
 * @param hostBytes length of that code
 * @param firstSite number of its first site
 */
record ReadyBlock(ArchivedBlock block, int position, int hostBytes, int firstSite) {}
