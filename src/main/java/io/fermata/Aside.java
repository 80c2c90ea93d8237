package io.fermata;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.turbo.TurboFilter;
import ch.qos.logback.core.spi.FilterReply;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.slf4j.Marker;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.context.logging.LoggingApplicationListener;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.env.StandardEnvironment;

/**
 * Contexts of either role beside the one that this process is for. They see no setting but those
 * that they are given: not the environment, not a file of this host, so neither the journal nor the
 * hosts of the service. They listen on the loopback, never end the process, and nothing that they
 * log below an error is heard: somebody who reads the log at night must not take them for the real
 * ones.
 */
final class Aside {
  /** Threads hand it on to those that they start. */
  private static final InheritableThreadLocal<Boolean> QUIET = new InheritableThreadLocal<>();

  private Aside() {}

  /** What is done quietly. */
  interface Work<T> {
    T run() throws IOException, InterruptedException;
  }

  /** Starts one; closing it stops it. */
  static ConfigurableApplicationContext start(Role role, List<String> settings) {
    SpringApplication application = Fermata.application(role);
    IntConsumer end = Aside::goesOn;
    application.addInitializers(
        context -> context.getBeanFactory().registerSingleton("processEnd", end));
    application.setEnvironment(new Empty());
    application.setRegisterShutdownHook(false);
    application.setLogStartupInfo(false);
    application.setListeners(
        application.getListeners().stream()
            .filter(listener -> !(listener instanceof LoggingApplicationListener))
            .toList());
    List<String> all = new ArrayList<>(settings);
    all.add("--spring.config.location=classpath:/");
    all.add("--server.port=0");
    all.add("--server.address=127.0.0.1");
    all.add("--fermata.demo.enabled=false");
    return application.run(all.toArray(String[]::new));
  }

  /**
   * In place of the process's end, where what they hold in memory cannot be trusted any more: the
   * service has nothing to do with it, and whatever waits for them gives up by itself.
   */
  private static void goesOn(int status) {}

  /** Nothing below an error is logged meanwhile by this thread, nor by those that it starts. */
  static <T> T quietly(Work<T> work) throws IOException, InterruptedException {
    Hush hush = new Hush();
    LoggerContext context =
        LoggerFactory.getILoggerFactory() instanceof LoggerContext found ? found : null;
    QUIET.set(true);
    if (context != null) {
      context.addTurboFilter(hush);
    }
    try {
      return work.run();
    } finally {
      QUIET.remove();
      if (context != null) {
        context.getTurboFilterList().remove(hush);
      }
    }
  }

  /** Without the process's environment and properties. */
  private static final class Empty extends StandardEnvironment {
    @Override
    protected void customizePropertySources(MutablePropertySources sources) {}
  }

  private static final class Hush extends TurboFilter {
    @Override
    public FilterReply decide(
        @Nullable Marker marker,
        ch.qos.logback.classic.Logger logger,
        Level level,
        @Nullable String format,
        Object @Nullable [] parameters,
        @Nullable Throwable thrown) {
      boolean quiet = Boolean.TRUE.equals(QUIET.get()) && level.toInt() < Level.ERROR_INT;
      return quiet ? FilterReply.DENY : FilterReply.NEUTRAL;
    }
  }
}
