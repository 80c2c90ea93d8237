package io.fermata.api;

import org.springframework.context.annotation.Configuration;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/** Puts {@link Forwarding} before the resources, behind everything that judges who asks. */
@Configuration(proxyBeanMethods = false)
class ForwardingWeb implements WebMvcConfigurer {
  private final Forwarding forwarding;

  ForwardingWeb(Forwarding forwarding) {
    this.forwarding = forwarding;
  }

  @Override
  public void addInterceptors(InterceptorRegistry registry) {
    registry.addInterceptor(forwarding).addPathPatterns("/api/v1/migrations/**");
  }
}
