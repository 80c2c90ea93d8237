package io.fermata.api;

import io.fermata.api.problem.ProblemValve;
import org.apache.catalina.core.StandardHost;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.MediaType;
import org.springframework.http.converter.HttpMessageConverters;
import org.springframework.web.servlet.config.annotation.ContentNegotiationConfigurer;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/** How this room sits in Spring MVC and Tomcat. */
@Configuration(proxyBeanMethods = false)
class ApiWeb implements WebMvcConfigurer {
  /** Left over of a refused body that is still read, so that the client gets to see the answer. */
  private static final int SWALLOWED_BYTES = 8 << 20;

  @Override
  public void configureContentNegotiation(ContentNegotiationConfigurer negotiation) {
    negotiation
        .favorParameter(true)
        .parameterName("o")
        .useRegisteredExtensionsOnly(true)
        .mediaType("json", MediaType.APPLICATION_JSON)
        .mediaType("text", MediaType.TEXT_PLAIN)
        .mediaType("wide", MediaType.TEXT_PLAIN)
        .mediaType("svg", MediaType.valueOf("image/svg+xml"))
        .mediaType("trace", MediaType.APPLICATION_JSON);
  }

  @Override
  public void configureMessageConverters(HttpMessageConverters.ServerBuilder builder) {
    builder.addCustomConverter(new AnswerWriter());
  }

  @Bean
  static WebServerFactoryCustomizer<TomcatServletWebServerFactory> problemsOfTheContainer() {
    return factory -> {
      factory.addContextCustomizers(context -> {
        if (context.getParent() instanceof StandardHost host) {
          host.setErrorReportValveClass(ProblemValve.class.getName());
        }
      });
      factory.addConnectorCustomizers(
          connector -> connector.setProperty("maxSwallowSize", "" + SWALLOWED_BYTES));
    };
  }
}
