package io.fermata.agent;

import io.fermata.agent.device.kernel.Discovery;
import io.fermata.agent.os.Supervisor;
import io.fermata.wire.Codec;
import io.fermata.wire.tls.ProcessIdentity;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.info.BuildProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;

/** Puts a real agent together: the only place of this room that asks for chance or ends the JVM. */
@Configuration(proxyBeanMethods = false)
class AgentConfiguration {
  private static final int NAME_BYTES = 8;

  @Bean
  Codec codec() {
    return new Codec();
  }

  @Bean
  @Lazy
  HostDevices hostDevices(AgentSettings settings, Supervisor keeper) {
    return HostDevices.open(settings, keeper);
  }

  /** Takes over the descriptors that this process was started with. */
  @Bean
  @Lazy
  Supervisor supervisor() {
    return new Supervisor(System.getenv(), ProcessHandle.current().pid());
  }

  @Bean
  @Serving
  HeldDescriptors heldDescriptors(HostAgent agent, AgentSettings settings) {
    return HeldDescriptors.open(agent, settings);
  }

  @Bean
  @Serving
  ServiceReport serviceReport(Supervisor manager, HostAgent agent) {
    return new ServiceReport(manager, agent);
  }

  @Bean
  HostInventory hostInventory(AgentSettings settings) {
    return new HostInventory(settings, Discovery::ofThisHost);
  }

  @Bean
  @Serving
  HostAgent hostAgent(
      AgentSettings settings,
      HostDevices devices,
      Codec codec,
      AgentMetrics metrics,
      ProcessIdentity proof,
      ObjectProvider<BuildProperties> build,
      @Qualifier("processEnd") ObjectProvider<IntConsumer> end) {
    AgentGate.checkSelf(proof, settings.hostName());
    Supplier<String> names = names();
    String version = build.stream().map(BuildProperties::getVersion).findFirst().orElse("unknown");
    IntConsumer other = end.getIfAvailable();
    AgentThread.Ending ending =
        other == null ? AgentConfiguration::halt : (status, why) -> other.accept(status);
    var agent =
        new HostAgent(
            settings,
            new HostAgent.Identity(settings.hostName() + "-" + names.get(), version),
            devices,
            new HostAgent.Machine(BootClock.ofThisHost(), names, ending, metrics, proof),
            codec);
    agent.start();
    return agent;
  }

  /** Whether something is under way here: then nothing is begun that can wait. */
  @Bean
  @Serving
  BooleanSupplier busy(HostAgent agent) {
    return () -> !Waits.forReply(Optional.of(agent.status()), 0).claims().isEmpty();
  }

  private static Supplier<String> names() {
    SecureRandom random = new SecureRandom();
    return () -> {
      byte[] bytes = new byte[NAME_BYTES];
      random.nextBytes(bytes);
      return HexFormat.of().formatHex(bytes);
    };
  }

  /** No shutdown hooks: nothing may be answered any more. */
  private static void halt(int status, RuntimeException why) {
    System.err.println("fermata: the agent ends at once: " + why);
    why.printStackTrace();
    System.err.flush();
    Runtime.getRuntime().halt(status);
  }

  /** {@code agent --init}: a slate for a host that never had one. No device is touched. */
  @Bean
  @ConditionalOnProperty(AgentStart.INIT)
  ApplicationRunner init(AgentSettings settings, Codec codec) {
    return arguments -> {
      Path folder = settings.slateDirectory();
      boolean there = Files.exists(folder.resolve(SlateFolder.FILE));
      try (var slate = FileSlate.open(folder, codec, settings.closedClaims(), names())) {
        String did = there ? "has a slate already, it stays as it is: " : "has a new slate: ";
        System.out.println(settings.hostName() + " " + did + folder + ", " + slate.incarnation());
      }
    };
  }

  /** {@code agent --list}. */
  @Bean
  @ConditionalOnProperty(AgentStart.LIST)
  ApplicationRunner list(
      AgentSettings settings, HostInventory inventory, ObjectProvider<HostDevices> devices) {
    return arguments ->
        System.out.print(
            inventory.isKernel()
                ? ListingTable.of(settings.hostName(), inventory.atRest())
                : DeviceTable.of(settings.hostName(), devices.getObject()));
  }
}
