package dev.ringzero.vmm.cpuid;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;

/**
 * A named kind of processor: who made it, which one it is, and what it promises.
 *
 * @param name by which people ask for it
 * @param vendor twelve characters, as leaf 0 gives them
 * @param brand up to 47 characters
 * @param signature family, model and stepping, as leaf 1 gives them in EAX
 * @param features what it promises
 */
public record CpuModel(
    String name, String vendor, String brand, int signature, Set<CpuFeature> features) {
  public static final String INTEL = "GenuineIntel";

  public static final String AMD = "AuthenticAMD";

  /** Family 6, model 6AH, stepping 6. */
  private static final int ICE_LAKE_SP = 0x000_606A6;

  private static final int VENDOR_LENGTH = 12;
  private static final int BRAND_LENGTH = 47;

  /** The default: x86-64-v3 and what else our processor does. */
  public static final CpuModel DEFAULT =
      new CpuModel(
          "ringzero-v1", INTEL, "RingZero Virtual Processor", ICE_LAKE_SP, CpuModels.common());

  public CpuModel {
    Objects.requireNonNull(name);
    if (vendor.length() != VENDOR_LENGTH || !ascii(vendor)) {
      throw new IllegalArgumentException("a vendor string has twelve characters: " + vendor);
    }
    if (brand.length() > BRAND_LENGTH || !ascii(brand)) {
      throw new IllegalArgumentException("a brand string has up to 47 characters: " + brand);
    }
    EnumSet<CpuFeature> copy = EnumSet.noneOf(CpuFeature.class);
    copy.addAll(features);
    features = Collections.unmodifiableSet(copy);
  }

  private static boolean ascii(String text) {
    return text.chars().allMatch(c -> c >= ' ' && c <= '~');
  }

  public boolean has(CpuFeature feature) {
    return features.contains(feature);
  }

  public boolean isAmd() {
    return vendor.equals(AMD);
  }

  /** Whether its guests can run guests. */
  public boolean virtualizes() {
    return has(CpuFeature.SVM) || has(CpuFeature.VMX);
  }

  /** This model without some features, and without those that need them. */
  public CpuModel without(CpuFeature... removed) {
    EnumSet<CpuFeature> left = EnumSet.copyOf(features);
    for (CpuFeature feature : removed) {
      left.remove(feature);
      left.removeAll(FeatureDependencies.dependents(feature));
    }
    return new CpuModel(name, vendor, brand, signature, left);
  }

  /** This model with one more feature. */
  CpuModel with(CpuFeature added) {
    EnumSet<CpuFeature> more = EnumSet.copyOf(features);
    more.add(added);
    return new CpuModel(name, vendor, brand, signature, more);
  }

  /** This model with another vendor string. */
  public CpuModel withVendor(String otherVendor) {
    return new CpuModel(name, otherVendor, brand, signature, features);
  }
}
