/**
 * The machines of a user that are kept: each a directory with its configuration, its state and what
 * its console said. Whoever reads it learns the truth also after processes were killed.
 */
package dev.ringzero.control.registry;
