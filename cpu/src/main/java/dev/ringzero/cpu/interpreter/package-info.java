/**
 * The interpreter: instructions are decoded once into small objects, kept by the machine frame they
 * came from, and run block by block.
 */
package dev.ringzero.cpu.interpreter;
