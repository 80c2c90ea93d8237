package io.fermata.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.util.List;
import org.springframework.http.HttpInputMessage;
import org.springframework.http.HttpOutputMessage;
import org.springframework.http.MediaType;
import org.springframework.http.converter.AbstractHttpMessageConverter;
import org.springframework.http.converter.HttpMessageNotReadableException;

/** Writes an {@link Answer} in the form that was asked for; JSON where nobody asked. */
final class AnswerWriter extends AbstractHttpMessageConverter<Answer> {
  static final MediaType TEXT = new MediaType("text", "plain", UTF_8);

  AnswerWriter() {
    super(MediaType.APPLICATION_JSON, TEXT);
  }

  @Override
  protected boolean supports(Class<?> type) {
    return type == Answer.class;
  }

  @Override
  public List<MediaType> getSupportedMediaTypes(Class<?> type) {
    return type == Answer.class ? getSupportedMediaTypes() : List.of();
  }

  @Override
  protected Answer readInternal(Class<? extends Answer> type, HttpInputMessage message) {
    throw new HttpMessageNotReadableException("answers are only written", message);
  }

  @Override
  protected void writeInternal(Answer answer, HttpOutputMessage message) throws IOException {
    MediaType chosen = message.getHeaders().getContentType();
    boolean text = chosen != null && TEXT.equalsTypeAndSubtype(chosen);
    message.getBody().write(text ? answer.text().getBytes(UTF_8) : Json.bytes(answer.json()));
  }
}
