package io.fermata.api;

import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/**
 * Puts {@link Quarantine} and {@link Forwarding} before the resources, behind the filters that
 * judge who asks, and before whatever writes down who asked: it knows on whose behalf another
 * replica asks.
 */
@Order(Ordered.HIGHEST_PRECEDENCE)
@Configuration(proxyBeanMethods = false)
class ForwardingWeb implements WebMvcConfigurer {
  private final Forwarding forwarding;
  private final Quarantine quarantine;

  ForwardingWeb(Forwarding forwarding, Quarantine quarantine) {
    this.forwarding = forwarding;
    this.quarantine = quarantine;
  }

  @Override
  public void addInterceptors(InterceptorRegistry registry) {
    registry
        .addInterceptor(quarantine)
        .addPathPatterns(
            "/api/v1/migrations/**",
            "/api/v1/plans/rehearse",
            "/api/v1/drains/**",
            "/api/v1/hosts/*/devices/*/reset");
    registry.addInterceptor(forwarding).addPathPatterns("/api/v1/migrations/**");
  }
}
