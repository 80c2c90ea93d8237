package io.fermata.agent;

import io.fermata.wire.Codec;
import io.fermata.wire.Protocol;
import java.util.List;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Primary;

/** An agent of another build as the others see it: the same requests, under other versions. */
class OtherBuild {
  /** Knows the version of today and the one after it. */
  static final Protocol NEXT = new Protocol(List.of(3, 2));

  /** Knows the version before today's only. */
  static final Protocol BEFORE = new Protocol(List.of(1));

  /** Has forgotten the version of today. */
  static final Protocol FAR = new Protocol(List.of(4, 3));

  private final Protocol protocol;

  private OtherBuild(Protocol protocol) {
    this.protocol = protocol;
  }

  /** The setting that makes an agent one of that build. */
  static String setting(Class<? extends OtherBuild> build) {
    return "--spring.main.sources=" + build.getName();
  }

  @Bean
  @Primary
  Codec otherCodec() {
    return new Codec(protocol);
  }

  static final class Next extends OtherBuild {
    Next() {
      super(NEXT);
    }
  }

  static final class Before extends OtherBuild {
    Before() {
      super(BEFORE);
    }
  }

  static final class Far extends OtherBuild {
    Far() {
      super(FAR);
    }
  }
}
