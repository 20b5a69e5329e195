/** The same guests under several rules for their time: {@code rz compare --schedulers}. */
package dev.ringzero.cli.compare.scheduler;
