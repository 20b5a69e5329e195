package dev.ringzero.cpu.interpreter;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Template classes, defined once more for each {@link Shape}: the shape is a constant of the copy,
 * so that the JIT compiler inlines the meaning, folds the width, and keeps a profile for each.
 */
final class Specialized {
  private static final MethodHandles.Lookup LOOKUP = MethodHandles.lookup();
  private static final MethodType CONSTRUCTOR = MethodType.methodType(void.class, Site.class);
  private static final MethodType FACTORY =
      MethodType.methodType(DecodedInstruction.class, Site.class);

  private static final Map<Key, MethodHandle> FACTORIES = new ConcurrentHashMap<>();
  private static final Map<Class<?>, byte[]> BYTES = new ConcurrentHashMap<>();

  private record Key(Class<?> template, Shape shape) {}

  private Specialized() {}

  /** The shape for which a template class was defined; called by its static initializer. */
  static Shape shape(MethodHandles.Lookup template) {
    try {
      return MethodHandles.classData(template, "_", Shape.class);
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Makes an instruction of a template's copy for this shape. */
  static DecodedInstruction create(Class<?> template, Shape shape, Site site) {
    MethodHandle factory =
        FACTORIES.computeIfAbsent(new Key(template, shape), key -> define(template, shape));
    try {
      return (DecodedInstruction) factory.invokeExact(site);
    } catch (Throwable e) {
      throw new IllegalStateException(template + " of " + shape, e);
    }
  }

  private static MethodHandle define(Class<?> template, Shape shape) {
    byte[] bytes = BYTES.computeIfAbsent(template, Specialized::read);
    try {
      MethodHandles.Lookup copy = LOOKUP.defineHiddenClassWithClassData(bytes, shape, true);
      return copy.findConstructor(copy.lookupClass(), CONSTRUCTOR).asType(FACTORY);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(template.getName(), e);
    }
  }

  private static byte[] read(Class<?> template) {
    try (InputStream in = template.getResourceAsStream(template.getSimpleName() + ".class")) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
