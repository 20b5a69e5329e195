import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.zip.CRC32;

/** Prints results that depend on nothing but its argument, how much of it all to do. */
public final class Judge {
  private interface Shape {
    double area();
  }

  private record Circle(double radius) implements Shape {
    @Override
    public double area() {
      return Math.PI * radius * radius;
    }
  }

  private record Square(double side) implements Shape {
    @Override
    public double area() {
      return side * side;
    }
  }

  public static void main(String[] arguments) throws Exception {
    int rounds = Integer.parseInt(arguments[0]);
    Random random = new Random(7);
    System.out.println("integers " + Long.toHexString(integers(rounds * 20)));
    System.out.println("doubles " + Double.toHexString(doubles(rounds * 5)));
    System.out.println("objects " + Double.toHexString(objects(rounds, random)));
    System.out.println("strings " + strings(rounds, random));
    IntStream many = IntStream.range(0, rounds * 4).parallel();
    long parallel = many.mapToLong(i -> (long) i * i % 977).sum();
    System.out.println("parallel " + parallel);
    byte[] bytes = new byte[rounds];
    random.nextBytes(bytes);
    byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
    System.out.println("digest " + HexFormat.of().formatHex(digest));
    CRC32 crc = new CRC32();
    crc.update(bytes);
    System.out.println("crc " + crc.getValue());
    System.out.println("caught " + caught(rounds / 10));
    threads(rounds * 3);
  }

  private static long integers(int rounds) {
    long hash = 0;
    for (int i = 0; i < rounds; i++) {
      hash = hash * 31 + (i ^ hash >>> 7) * 0x9E37_79B9_7F4A_7C15L;
    }
    return hash;
  }

  private static double doubles(int rounds) {
    double sum = 0;
    for (int i = 1; i < rounds; i++) {
      sum += StrictMath.sin(i) / Math.sqrt(i) + Math.fma(i, 1e-3, sum * 1e-9);
    }
    return sum;
  }

  private static double objects(int rounds, Random random) {
    List<Shape> shapes = new ArrayList<>();
    for (int i = 0; i < rounds; i++) {
      double size = random.nextDouble();
      shapes.add(random.nextBoolean() ? new Circle(size) : new Square(size));
    }
    return shapes.stream().mapToDouble(Shape::area).sum();
  }

  private static int strings(int rounds, Random random) {
    Map<String, Integer> counts = new TreeMap<>();
    for (int i = 0; i < rounds; i++) {
      counts.merge("key " + random.nextInt(1000), i, Integer::sum);
    }
    return counts.hashCode();
  }

  /** Faults of the processor become exceptions: null is not checked for in compiled code. */
  private static int caught(int rounds) {
    Object[] nothing = new Object[16];
    int caught = 0;
    for (int i = 0; i < rounds; i++) {
      try {
        nothing[i & 31].hashCode();
      } catch (NullPointerException | ArrayIndexOutOfBoundsException e) {
        caught++;
      }
    }
    return caught;
  }

  private static void threads(int rounds) throws Exception {
    List<Future<Long>> results = new ArrayList<>();
    ExecutorService executor = Executors.newFixedThreadPool(4);
    try {
      for (int n = 0; n < 8; n++) {
        long seed = n;
        results.add(
            executor.submit(
                () -> {
                  long value = seed;
                  for (int i = 0; i < rounds; i++) {
                    value = value * 6_364_136_223_846_793_005L + 1_442_695_040_888_963_407L;
                  }
                  return value;
                }));
      }
      for (Future<Long> result : results) {
        System.out.println("thread " + result.get());
      }
    } finally {
      executor.shutdown();
    }
  }
}
