package dev.ringzero.vmm.machine;

import dev.ringzero.devices.virtio.balloon.VirtioBalloon;
import dev.ringzero.vmm.xen.XenDevices;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Through which the guest gives memory back for a while. Any thread may call. */
public final class Balloon {
  private final VirtioBalloon device;
  private final Optional<XenDevices> paravirtual;

  /**
   * A machine's balloon.
   *
   * @param paravirtual through which a paravirtual guest is asked, in place of the device
   */
  Balloon(VirtioBalloon device, Optional<XenDevices> paravirtual) {
    this.device = device;
    this.paravirtual = paravirtual;
  }

  /**
   * What came back from the guest.
   *
   * @param driverReady whether the guest has a driver for the balloon
   * @param targetBytes that the guest was asked to do without
   * @param actualBytes that it says it does without
   * @param inflatedBytes of frames that came back through the balloon so far
   * @param reportedBytes of frames that came back as free so far
   * @param guest what it said last of its memory, by name
   */
  public record Figures(
      boolean driverReady,
      long targetBytes,
      long actualBytes,
      long inflatedBytes,
      long reportedBytes,
      Map<String, Long> guest) {}

  /** Asks the guest to do without so many bytes. */
  public void target(long bytes) {
    if (paravirtual.isPresent()) {
      paravirtual.get().balloonTarget(bytes);
    } else {
      device.target(bytes);
    }
  }

  /** Asks the guest what it has to say of its memory. */
  public void refreshStatistics() {
    device.refreshStatistics();
  }

  /** Whether what was asked for has not come yet. */
  public boolean isRefreshing() {
    return device.isRefreshing();
  }

  private static Figures figures(XenDevices guest) {
    long actual = guest.balloonBytes();
    return new Figures(
        guest.hasBalloonDriver(), guest.balloonTarget(), actual, actual, 0, Map.of());
  }

  public Figures figures() {
    if (paravirtual.isPresent()) {
      return figures(paravirtual.get());
    }
    VirtioBalloon.Figures figures = device.figures();
    Map<String, Long> guest = new LinkedHashMap<>();
    figures.statistics().entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(entry -> guest.put(entry.getKey().key(), entry.getValue()));
    return new Figures(
        figures.driverReady(),
        figures.targetBytes(),
        figures.actualBytes(),
        figures.inflatedBytes(),
        figures.reportedBytes(),
        guest);
  }
}
