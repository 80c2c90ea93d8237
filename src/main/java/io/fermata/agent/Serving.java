package io.fermata.agent;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;

/** For what only an agent that serves needs, and not {@code agent --list} or {@code --init}. */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@ConditionalOnProperty(
    name = {AgentStart.LIST, AgentStart.INIT},
    havingValue = "false",
    matchIfMissing = true)
@interface Serving {}
