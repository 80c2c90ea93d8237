package io.fermata.chaos.process;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Single values out of the top of an answer, without knowing its shape. */
final class Fields {
  private Fields() {}

  /** The first value of that name, or empty where it is null or missing. */
  static String text(String json, String name) {
    Matcher found = Pattern.compile("\"" + name + "\":\"([^\"]*)\"").matcher(json);
    return found.find() ? found.group(1) : "";
  }
}
