package io.fermata.agent.stream;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a source shows in its Hello in the token's place.
 *
 * @param session names this sending of the image; no other sending has the same
 * @param attempt which of its connections this is; each has a higher one than those before
 * @param epoch the highest that the source has promised
 * @param sum what the image's digest is made over
 */
record Pass(String session, int attempt, long epoch, ImageSum.Kind sum) {
  private static final Pattern FORM =
      Pattern.compile(
          "([0-9a-f-]{1,40}) (\\d{1,9}) (\\d{1,18}) (SHA_256|FRAME_SUMS) ([0-9a-f]{64})");

  /** A pass and the proof that came with it, which may be wrong. */
  record Shown(Pass pass, String proof) {
    boolean isGenuine(Secret secret) {
      return secret.proves(proof, pass.words());
    }
  }

  /** Reads one, or nothing when the text is none. */
  static Optional<Shown> read(String text) {
    Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      return Optional.empty();
    }
    Pass pass =
        new Pass(
            form.group(1),
            Integer.parseInt(form.group(2)),
            Long.parseLong(form.group(3)),
            ImageSum.Kind.valueOf(form.group(4)));
    return Optional.of(new Shown(pass, form.group(5)));
  }

  /** As it is shown. */
  String text(Secret secret) {
    return String.join(" ", words()) + " " + secret.proof(words());
  }

  private List<String> words() {
    return List.of(session, Integer.toString(attempt), Long.toString(epoch), sum.name());
  }
}
