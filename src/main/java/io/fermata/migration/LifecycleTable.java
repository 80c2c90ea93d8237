package io.fermata.migration;

import java.util.EnumSet;
import org.springframework.context.annotation.Configuration;
import org.springframework.statemachine.config.EnableStateMachineFactory;
import org.springframework.statemachine.config.EnumStateMachineConfigurerAdapter;
import org.springframework.statemachine.config.builders.StateMachineConfigurationConfigurer;
import org.springframework.statemachine.config.builders.StateMachineStateConfigurer;
import org.springframework.statemachine.config.builders.StateMachineTransitionConfigurer;

/**
 * Hands {@link Lifecycle}'s table to Spring Statemachine, row by row; holds no row of its own. A
 * row's guard is tried before the machine is asked, which is told what came of it.
 */
@Configuration(proxyBeanMethods = false)
@EnableStateMachineFactory
class LifecycleTable extends EnumStateMachineConfigurerAdapter<Phase, Trigger> {
  @Override
  public void configure(StateMachineConfigurationConfigurer<Phase, Trigger> config)
      throws Exception {
    config.withConfiguration().autoStartup(false);
  }

  @Override
  public void configure(StateMachineStateConfigurer<Phase, Trigger> states) throws Exception {
    states.withStates().initial(Phase.QUEUED).states(EnumSet.allOf(Phase.class));
  }

  @Override
  public void configure(StateMachineTransitionConfigurer<Phase, Trigger> transitions)
      throws Exception {
    for (Lifecycle.Row row : Lifecycle.rows()) {
      transitions
          .withExternal()
          .source(row.from())
          .target(row.to())
          .event(row.on())
          .guard(context -> Boolean.TRUE.equals(context.getMessageHeader(Lifecycle.HOLDS)));
    }
  }
}
