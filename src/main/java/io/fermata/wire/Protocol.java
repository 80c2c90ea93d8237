package io.fermata.wire;

import static java.util.stream.Collectors.joining;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which versions of the control protocol a build speaks. The caller offers all of its versions, the
 * agent takes the highest that both know and names it in its answer; the caller believes no answer
 * in a version that it does not know.
 *
 * @param versions newest first: the present one and, once there is one, the one before it
 */
public record Protocol(List<Integer> versions) {
  /** The header of the offer and of the choice. */
  public static final String HEADER = "Fermata-Protocol";

  /** The header that names the host that is meant; another one refuses the request. */
  public static final String HOST_HEADER = "Fermata-Host";

  /** The first version in which a request to quiesce may ask for what follows as well. */
  static final int ONWARD = 2;

  /** What this build speaks. */
  public static final Protocol BUILD = new Protocol(List.of(2, 1));

  public Protocol {
    versions = List.copyOf(versions);
  }

  /** The header's value in a request. */
  public String offer() {
    return versions.stream().map(String::valueOf).collect(joining(", "));
  }

  /**
   * The version to speak with whoever sent this offer.
   *
   * @throws WireFault if there is no offer or none that this build knows
   */
  public int choose(@Nullable String offer) {
    if (offer == null) {
      throw unknown("the header " + HEADER + " is missing");
    }
    List<String> words = List.of(offer.split(",", -1)).stream().map(String::strip).toList();
    Optional<Integer> best =
        versions.stream().filter(version -> words.contains(version.toString())).findFirst();
    return best.orElseThrow(() -> unknown("version " + offer + " was offered"));
  }

  /** The version of an answer to whoever offers nothing, such as a person: the newest. */
  public int newest() {
    return versions.getFirst();
  }

  private WireFault unknown(String found) {
    String detail = found + "; this build speaks " + offer();
    return new WireFault(WireFault.Code.UNKNOWN_VERSION, detail, null);
  }
}
