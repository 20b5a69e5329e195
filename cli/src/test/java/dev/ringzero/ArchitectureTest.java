package dev.ringzero;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The layers of ARCHITECTURE.md, and where time and randomness may come from. */
@AnalyzeClasses(packages = "dev.ringzero", importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {
  @ArchTest
  static final ArchRule aLayerUsesOnlyThoseBelowIt =
      layeredArchitecture()
          .consideringOnlyDependenciesInAnyPackage("dev.ringzero..")
          .withOptionalLayers(true)
          .layer("cli")
          .definedBy("dev.ringzero.cli..")
          .layer("serve")
          .definedBy("dev.ringzero.serve..")
          .layer("control")
          .definedBy("dev.ringzero.control..")
          .layer("vmm")
          .definedBy("dev.ringzero.vmm..")
          .layer("selftest")
          .definedBy("dev.ringzero.selftest..")
          .layer("testkit")
          .definedBy("dev.ringzero.testkit..")
          .layer("kvm")
          .definedBy("dev.ringzero.kvm..")
          .layer("cpu")
          .definedBy("dev.ringzero.cpu..")
          .layer("devices")
          .definedBy("dev.ringzero.devices..")
          .layer("network")
          .definedBy("dev.ringzero.network..")
          .layer("images")
          .definedBy("dev.ringzero.images..")
          .layer("engine")
          .definedBy("dev.ringzero.engine..")
          .layer("memory")
          .definedBy("dev.ringzero.memory..")
          .layer("x86")
          .definedBy("dev.ringzero.x86..")
          .whereLayer("cli")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("serve")
          .mayOnlyBeAccessedByLayers("cli")
          .whereLayer("control")
          .mayOnlyBeAccessedByLayers("serve", "cli")
          .whereLayer("vmm")
          .mayOnlyBeAccessedByLayers("control", "cli")
          .whereLayer("selftest")
          .mayOnlyBeAccessedByLayers("cli")
          .whereLayer("testkit")
          .mayOnlyBeAccessedByLayers("selftest")
          .whereLayer("kvm")
          .mayOnlyBeAccessedByLayers("vmm", "cli")
          .whereLayer("cpu")
          .mayOnlyBeAccessedByLayers("vmm", "selftest")
          .whereLayer("devices")
          .mayOnlyBeAccessedByLayers("vmm")
          .whereLayer("network")
          .mayOnlyBeAccessedByLayers("vmm", "control", "cli")
          .whereLayer("images")
          .mayOnlyBeAccessedByLayers("vmm", "control", "cli")
          .whereLayer("engine")
          .mayOnlyBeAccessedByLayers(
              "cpu", "kvm", "devices", "network", "vmm", "control", "cli", "testkit", "selftest")
          .whereLayer("memory")
          .mayOnlyBeAccessedByLayers(
              "engine",
              "cpu",
              "kvm",
              "devices",
              "network",
              "vmm",
              "control",
              "testkit",
              "selftest");

  @ArchTest
  static final ArchRule onlyClockAndEntropySupplyTimeAndRandomness =
      noClasses()
          .that()
          .resideInAnyPackage(
              "dev.ringzero.cpu..",
              "dev.ringzero.devices..",
              "dev.ringzero.engine..",
              "dev.ringzero.memory..",
              "dev.ringzero.x86..")
          .should()
          .callMethod(System.class, "nanoTime")
          .orShould()
          .callMethod(System.class, "currentTimeMillis")
          .orShould()
          .dependOnClassesThat()
          .haveFullyQualifiedName("java.util.Random")
          .orShould()
          .dependOnClassesThat()
          .haveFullyQualifiedName("java.security.SecureRandom")
          .orShould()
          .dependOnClassesThat()
          .haveFullyQualifiedName("java.util.concurrent.ThreadLocalRandom")
          .orShould()
          .callMethod(java.time.Instant.class, "now");
}
