package io.fermata.api.text;

/** Commands to copy: {@code $F} stands for the base address, {@code http://host:port/api/v1}. */
public final class Curl {
  private Curl() {}

  /** Look at a resource as text. */
  public static String get(String path) {
    return "curl \"$F" + path + (path.contains("?") ? "&" : "?") + "o=text\"";
  }

  /** Follow a stream. */
  public static String follow(String path) {
    return "curl -N \"$F" + path + "?follow&o=text\"";
  }

  /** Ask for something to be done. */
  public static String post(String path, String... fields) {
    StringBuilder command = new StringBuilder("curl -X POST $F").append(path);
    for (String field : fields) {
      command.append(" -d ").append(field);
    }
    return command.toString();
  }
}
