package io.fermata.agent.os;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Where local processes connect. Who may connect is said by the file's mode, owner and group. */
public final class PacketListener implements AutoCloseable {
  private static final int BACKLOG = 16;

  private final Path path;
  private final PacketSocket socket;

  /**
   * Who may connect.
   *
   * @param mode as {@code rw-rw----}
   * @param owner a user's name or number; null for the one this process runs as
   * @param group a group's name or number; null for the one this process runs as
   */
  public record Access(String mode, @Nullable String owner, @Nullable String group) {}

  private PacketListener(Path path, PacketSocket socket) {
    this.path = path;
    this.socket = socket;
  }

  /**
   * Listens, in the place of a listener that ended without taking its file away.
   *
   * @throws IOException when mode or owner cannot be set: then nobody can connect either
   */
  public static PacketListener open(Path path, Access access) throws IOException {
    // Under another name until it has its mode and owner: nobody comes in between.
    Path unready = path.resolveSibling(path.getFileName() + ".new");
    Files.deleteIfExists(unready);
    var listener = new PacketListener(path, PacketSocket.listening(unready.toString(), BACKLOG));
    try {
      var view = Files.getFileAttributeView(unready, PosixFileAttributeView.class);
      UserPrincipalLookupService names = path.getFileSystem().getUserPrincipalLookupService();
      if (access.group() != null) {
        GroupPrincipal group = names.lookupPrincipalByGroupName(access.group());
        view.setGroup(group);
      }
      if (access.owner() != null) {
        view.setOwner(names.lookupPrincipalByName(access.owner()));
      }
      view.setPermissions(PosixFilePermissions.fromString(access.mode()));
      Files.move(unready, path, StandardCopyOption.ATOMIC_MOVE);
      return listener;
    } catch (IOException e) {
      listener.socket.close();
      Files.deleteIfExists(unready);
      throw e;
    }
  }

  /** Waits for a connection; empty when this was closed. */
  public Optional<PacketSocket> accept() {
    return socket.accept();
  }

  /** Ends the wait of whoever accepts; the number is given back by {@link #close}. */
  public void wake() {
    socket.wake();
  }

  /** Only when nobody accepts any more. */
  @Override
  public void close() {
    socket.close();
  }

  @Override
  public String toString() {
    return path.toString();
  }
}
