/** Commands that the agent of our own guests runs: with input, output, errors and a terminal. */
package dev.ringzero.control.agent;
