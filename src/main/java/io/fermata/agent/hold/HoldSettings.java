package io.fermata.agent.hold;

import io.fermata.agent.os.PacketListener;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How devices are held, under {@code fermata.agent.holding}.
 *
 * @param socket where VMMs connect; null for no socket
 * @param mode of the socket's file
 * @param owner its user, by name or number; null for the agent's own
 * @param group its group, by name or number; null for the agent's own
 * @param uids users that may ask there besides root and the agent's own
 * @param gids (primary) groups whose members may ask there
 * @param connections how many may be open at once
 * @param patience how long a connection may be idle
 * @param retry how often the agent looks for a device that it is to adopt and does not have
 */
public record HoldSettings(
    @Nullable Path socket,
    @DefaultValue("rw-rw----") String mode,
    @Nullable String owner,
    @Nullable String group,
    @DefaultValue List<Integer> uids,
    @DefaultValue List<Integer> gids,
    @DefaultValue("16") int connections,
    @DefaultValue("10s") Duration patience,
    @DefaultValue("2s") Duration retry) {
  private static final int SOCKET_BYTES = 103; // sun_path, less what stands there until it is ready

  public HoldSettings {
    uids = List.copyOf(uids);
    gids = List.copyOf(gids);
  }

  /** What is wrong, each beginning with the property below this one. */
  public List<String> problems() {
    List<String> problems = new ArrayList<>();
    if (socket != null && (!socket.isAbsolute() || socket.toString().length() > SOCKET_BYTES)) {
      problems.add(".socket: must be an absolute path of at most " + SOCKET_BYTES + " characters");
    }
    if (!mode.matches("([r-][w-]-){3}")) {
      problems.add(".mode: must look like rw-rw----, is " + mode);
    }
    if (uids.stream().anyMatch(id -> id < 0) || gids.stream().anyMatch(id -> id < 0)) {
      problems.add(": uids and gids are numbers from 0");
    }
    if (connections < 1) {
      problems.add(".connections: must be above 0, is " + connections);
    }
    if (!patience.isPositive() || !retry.isPositive()) {
      problems.add(": patience and retry must be longer than 0");
    }
    return problems;
  }

  PacketListener.Access access() {
    return new PacketListener.Access(mode, owner, group);
  }
}
