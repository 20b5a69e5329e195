package dev.ringzero.control.registry;

import java.nio.file.Path;
import java.util.Map;
import java.util.Random;

/** A process that works in a registry until it is killed. */
final class RegistryChild {
  private static final int NAMES = 4;

  private RegistryChild() {}

  public static void main(String[] words) throws Exception {
    Registry registry = new Registry(Path.of(words[0]));
    switch (words[1]) {
      case "run" -> {
        try (RunningVm running = registry.run(words[2])) {
          System.out.println("begun");
          Thread.sleep(Long.MAX_VALUE);
        }
      }
      case "churn" -> churn(registry, new Random(Long.parseLong(words[2])));
      default -> throw new IllegalArgumentException(words[1]);
    }
  }

  private static void churn(Registry registry, Random random) throws Exception {
    System.out.println("begun");
    while (true) {
      String name = "vm" + random.nextInt(NAMES);
      try {
        switch (random.nextInt(4)) {
          case 0 -> registry.create(name, VmConfiguration.of(Map.of("memoryMib", 64L)));
          case 1 -> registry.configure(name, VmConfiguration.of(Map.of("memoryMib", 1024L)));
          case 2 -> registry.run(name).close();
          default -> registry.remove(name);
        }
      } catch (RegistryException e) {
        if (e.kind() == RegistryException.Kind.FAILED) {
          throw e;
        }
      }
    }
  }
}
