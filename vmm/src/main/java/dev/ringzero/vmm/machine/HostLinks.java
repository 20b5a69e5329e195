package dev.ringzero.vmm.machine;

import java.util.List;

/**
 * What a machine has of its host beside disks and networks.
 *
 * @param shares folders
 */
public record HostLinks(List<ShareConfiguration> shares) {
  /** Nothing. */
  public static final HostLinks NONE = new HostLinks(List.of());
}
