package dev.ringzero.cli.bench;

/**
 * A piece of work whose time is taken on every subject.
 *
 * @param name what a user types
 * @param summary what it does, in a few words
 */
public record Program(String name, Group group, String summary) {}
