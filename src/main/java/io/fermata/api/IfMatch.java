package io.fermata.api;

import io.fermata.api.problem.ProblemCode;
import io.fermata.api.problem.Refused;
import io.fermata.migration.Migration;
import jakarta.servlet.http.HttpServletRequest;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Versions of migrations as HTTP has them: given out as {@code ETag}, asked for as {@code
 * If-Match}.
 */
final class IfMatch {
  private static final String HEADER = "If-Match";
  private static final Pattern TAG = Pattern.compile("\"?([0-9]{1,18})\"?");

  private IfMatch() {}

  /** The tag of that version. */
  static String tag(long version) {
    return "\"" + version + "\"";
  }

  /**
   * The version that the caller decides on.
   *
   * @throws Refused if it is missing, or is none of ours; {@code *} is not taken, for a decision on
   *     any version is a decision on none
   */
  static long version(HttpServletRequest request, Migration present) {
    return version(request, "migration", present.version());
  }

  /**
   * The same for anything that has versions.
   *
   * @param what it is, in a word
   */
  static long version(HttpServletRequest request, String what, long present) {
    String given = request.getHeader(HEADER);
    if (given == null) {
      throw Refused.because(
          ProblemCode.VERSION_REQUIRED,
          "send the version that you decide on, now -H 'If-Match: " + tag(present) + "'");
    }
    return parsed(given, what);
  }

  /**
   * The same for what a dry run showed, whose version nobody but its answer knows.
   *
   * @param what it is, in a word
   */
  static long version(HttpServletRequest request, String what) {
    String given = request.getHeader(HEADER);
    if (given == null) {
      throw Refused.because(
          ProblemCode.VERSION_REQUIRED,
          "send the ETag of the dry run as -H 'If-Match: …'; run it with ?dryRun=true");
    }
    return parsed(given, what);
  }

  private static long parsed(String given, String what) {
    Matcher tag = TAG.matcher(given.strip());
    if (!tag.matches()) {
      throw Refused.because(
          ProblemCode.STALE_VERSION, "If-Match is no version of a " + what + ", such as \"12\"");
    }
    return Long.parseLong(tag.group(1));
  }
}
