package dev.ringzero.images.build;

import java.util.List;
import java.util.OptionalLong;

/**
 * What an image is to be made of.
 *
 * @param name which becomes the guest's host name and the file system's label
 * @param packages beside those of the base
 * @param sizeBytes of the whole disk; empty for the content and room to work in
 */
public record ImageRequest(
    String name, BaseSystem base, List<String> packages, OptionalLong sizeBytes) {}
