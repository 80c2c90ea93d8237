package io.fermata.simulation;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.MethodModel;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Loads the whole program anew, with one question at the beginning of each method that is a {@link
 * Rule}: is this rule dropped? If so the method answers as if there were none. The production's own
 * classes stay as they are.
 */
final class Weaver extends ClassLoader {
  private static final ClassDesc DROPPED = ClassDesc.of("io.fermata.simulation.Dropped");
  private static final ClassDesc RULE = ClassDesc.of("io.fermata.simulation.Rule");
  private static final ClassDesc OPTIONAL = Optional.class.describeConstable().orElseThrow();

  static {
    registerAsParallelCapable();
  }

  Weaver(ClassLoader parent) {
    super(parent);
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    if (!name.startsWith("io.fermata.")) {
      return super.loadClass(name, resolve);
    }
    synchronized (getClassLoadingLock(name)) {
      Class<?> loaded = findLoadedClass(name);
      return loaded == null ? define(name) : loaded;
    }
  }

  private Class<?> define(String name) throws ClassNotFoundException {
    try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
      if (in == null) {
        throw new ClassNotFoundException(name);
      }
      byte[] bytes = woven(name, in.readAllBytes());
      return defineClass(name, bytes, 0, bytes.length, Weaver.class.getProtectionDomain());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] woven(String name, byte[] bytes) {
    List<Rule> rules =
        Arrays.stream(Rule.values())
            .filter(rule -> rule.cut() != null && rule.cut().type().equals(name))
            .toList();
    if (rules.isEmpty()) {
      return bytes;
    }
    List<Rule> missing = new ArrayList<>(rules);
    ClassTransform all = ClassTransform.ACCEPT_ALL;
    for (Rule rule : rules) {
      all =
          all.andThen(
              ClassTransform.transformingMethodBodies(
                  method -> is(method, rule, missing), new Question(rule)));
    }
    var file = ClassFile.of();
    byte[] woven = file.transformClass(file.parse(bytes), all);
    if (!missing.isEmpty()) {
      throw new IllegalStateException(name + " has no method for " + missing);
    }
    return woven;
  }

  private static boolean is(MethodModel method, Rule rule, List<Rule> missing) {
    Rule.Cut cut = rule.cut();
    boolean found =
        cut != null && method.methodName().equalsString(cut.method()) && method.code().isPresent();
    if (found) {
      missing.remove(rule);
    }
    return found;
  }

  /** The question, before all else. */
  private static final class Question implements CodeTransform {
    private final Rule rule;

    Question(Rule rule) {
      this.rule = rule;
    }

    @Override
    public void atStart(CodeBuilder code) {
      code.getstatic(RULE, rule.name(), RULE);
      code.invokestatic(DROPPED, "has", MethodTypeDesc.of(ConstantDescs.CD_boolean, RULE));
      code.ifThen(this::answer);
    }

    private void answer(CodeBuilder code) {
      Rule.Cut cut = rule.cut();
      if (cut == null) {
        throw new IllegalStateException(rule + " is dropped at a port");
      }
      switch (cut.gives()) {
        case TRUE -> code.iconst_1().ireturn();
        case FALSE -> code.iconst_0().ireturn();
        case NOTHING -> code.return_();
        case EMPTY -> code.invokestatic(OPTIONAL, "empty", MethodTypeDesc.of(OPTIONAL)).areturn();
      }
    }

    @Override
    public void accept(CodeBuilder code, CodeElement element) {
      code.with(element);
    }
  }
}
