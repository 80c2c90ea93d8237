package io.fermata;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * Starts one process in one {@link Role}.
 *
 * <p>The role is the first argument, else {@code --fermata.role=}, else the system property {@code
 * fermata.role}, else the environment variable {@code FERMATA_ROLE}, else {@code orchestrator}. All
 * other arguments are Spring Boot's.
 *
 * <p>Settings of both roles stand in {@code application.yml}, those of one role in {@code
 * fermata-<role>.yml}; a file of the same name in the working directory or its {@code config}
 * folder adds to them.
 */
public final class Fermata {
  static final int EXIT_USAGE = 2;

  private static final String ROLE = "fermata.role";
  private static final String ROLE_OPTION = "--" + ROLE + "=";
  private static final String CONFIG_OPTION = "--config=";

  private static final String USAGE =
      """
      usage: java -jar fermata.jar [orchestrator | agent] [--setting=value ...]

        orchestrator   serve the REST API and drive migrations (the default)
        agent          hold the devices of this host
        agent --init   make this host's slate, once, and end
        agent --list   say what the host has and why something cannot be moved, and end

      The role may also be given as --fermata.role=, as the system property fermata.role or as
      the environment variable FERMATA_ROLE. Every other setting is a Spring Boot property:
      --server.port=8080 on the command line, or a line of fermata-<role>.yml, or of a file that
      --config=FILE names.
      """;

  private Fermata() {}

  /** Exits 0 after {@code --help} and 2 after an unknown role; else runs until it is stopped. */
  public static void main(String[] args) {
    switch (Launch.of(args, System.getProperty(ROLE), System.getenv("FERMATA_ROLE"))) {
      case Launch.Run run -> Rehearsal.beside(start(run.role(), run.arguments()));
      case Launch.Help() -> System.out.print(USAGE);
      case Launch.Mistake(String message) -> {
        System.err.println("fermata: " + message);
        System.err.print(USAGE);
        System.exit(EXIT_USAGE);
      }
    }
  }

  /** Starts {@code role} in this JVM; closing the context stops it. */
  public static ConfigurableApplicationContext start(Role role, List<String> arguments) {
    SpringApplication application = application(role);
    application.addListeners(Rehearsal.check());
    if (role == Role.ORCHESTRATOR) {
      Demo.attach(application);
    }
    return application.run(arguments.stream().map(Fermata::spelledOut).toArray(String[]::new));
  }

  /** One of that role that nothing is told yet. */
  static SpringApplication application(Role role) {
    var application = new SpringApplication(role.configuration());
    application.setMainApplicationClass(Fermata.class);
    application.setDefaultProperties(
        Map.of(ROLE, role.word(), "spring.config.name", "application,fermata-" + role.word()));
    return application;
  }

  /**
   * Says {@code --config=FILE} in Spring's words. Only on the command line is a relative path one
   * of the working directory; an import in a file of this jar would look for it in the jar.
   */
  private static String spelledOut(String argument) {
    return argument.startsWith(CONFIG_OPTION)
        ? "--spring.config.import=" + argument.substring(CONFIG_OPTION.length())
        : argument;
  }

  /** What the command line asks for. */
  sealed interface Launch {
    /** Start this role with the arguments that are left for Spring Boot. */
    record Run(Role role, List<String> arguments) implements Launch {}

    /** Print the usage, which is a success. */
    record Help() implements Launch {}

    /** Print the message and the usage, which is a failure. */
    record Mistake(String message) implements Launch {}

    /** Reads the command line; {@code property} and {@code variable} are null where not set. */
    static Launch of(String[] args, @Nullable String property, @Nullable String variable) {
      var arguments = Arrays.asList(args);
      if (arguments.contains("--help") || arguments.contains("-h")) {
        return new Help();
      }
      boolean named = args.length > 0 && !args[0].startsWith("-");
      var rest = named ? arguments.subList(1, args.length) : arguments;
      String word = named ? args[0] : wordFrom(rest, property, variable);
      return Role.of(word)
          .<Launch>map(role -> new Run(role, List.copyOf(rest)))
          .orElseGet(() -> new Mistake("there is no role '" + word + "'"));
    }

    private static String wordFrom(
        List<String> arguments, @Nullable String property, @Nullable String variable) {
      for (String argument : arguments) {
        if (argument.startsWith(ROLE_OPTION)) {
          return argument.substring(ROLE_OPTION.length());
        }
      }
      if (property != null) {
        return property;
      }
      return variable != null ? variable : Role.ORCHESTRATOR.word();
    }
  }
}
