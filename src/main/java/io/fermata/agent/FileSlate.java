package io.fermata.agent;

import io.fermata.handover.Fact;
import io.fermata.wire.Codec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A slate in a file. Each opening writes the file anew, with only the facts that are still needed:
 * what was read but perhaps never synced, because a crash came in between, is on disk before
 * anybody acts on it.
 */
public final class FileSlate implements Slate {
  private static final System.Logger LOG = System.getLogger(FileSlate.class.getName());

  private final SlateDisk disk;
  private final SlateText text;
  private final String incarnation;
  private final List<Fact> facts;
  private boolean broken;

  private FileSlate(SlateDisk disk, SlateText text, SlateText.Content content) {
    this.disk = disk;
    this.text = text;
    this.incarnation = content.incarnation();
    this.facts = content.facts();
  }

  /** What to do where there is no slate. */
  enum Absent {
    /** Make one: the host is new. */
    MAKE,
    /** Refuse: the host may have had one, and its disk may not be where it was. */
    REFUSE
  }

  /**
   * Opens the slate of a folder as its last owner left it.
   *
   * @throws SlateInUse if another process has it
   * @throws SlateFault if it cannot be read or written, or there is none and none may be made;
   *     whatever it would have said must then count as sealed
   */
  static FileSlate open(
      Path folder, Codec codec, int closedKept, Supplier<String> incarnations, Absent absent) {
    // Before the folder is made: an empty mount point must stay as it is.
    if (absent == Absent.REFUSE && !Files.exists(folder.resolve(SlateFolder.FILE))) {
      throw new SlateFault(
          "there is no slate in "
              + folder
              + ". If this host had one, put its disk back and start the agent again. If the host"
              + " is new, make one: java -jar fermata.jar agent --init, with the same settings");
    }
    return open(folder, codec, closedKept, incarnations);
  }

  /**
   * Opens the slate of a folder and makes it when there is none.
   *
   * @param closedKept how many closed claims are kept for their answers
   * @param incarnations draws the name of a new slate: letters and digits, never the same twice
   * @throws SlateInUse if another process has it
   * @throws SlateFault if it cannot be read or written; whatever it says must then count as sealed
   */
  public static FileSlate open(
      Path folder, Codec codec, int closedKept, Supplier<String> incarnations) {
    try {
      return open(SlateFolder.open(folder), codec, closedKept, incarnations);
    } catch (IOException e) {
      throw new SlateFault("opening the slate in " + folder, e);
    }
  }

  static FileSlate open(
      SlateDisk disk, Codec codec, int closedKept, Supplier<String> incarnations) {
    SlateText text = new SlateText(codec);
    SlateText.Content content;
    try {
      Optional<byte[]> bytes = disk.read();
      content = bytes.isPresent() ? text.read(bytes.get()) : fresh(disk, incarnations.get());
      SlateFacts.check(content.facts());
      if (content.torn() != null) {
        LOG.log(
            System.Logger.Level.WARNING,
            "{0}: cut off what a crash left unfinished: {1}",
            disk.name(),
            content.torn());
      }
      List<Fact> needed = SlateFacts.needed(content.facts(), closedKept);
      disk.replace(text.write(content.incarnation(), needed));
      return new FileSlate(disk, text, new SlateText.Content(content.incarnation(), needed, null));
    } catch (IOException | SlateFault e) {
      throw given(disk, e);
    }
  }

  private static SlateText.Content fresh(SlateDisk disk, String incarnation) {
    LOG.log(
        System.Logger.Level.WARNING,
        "{0}: made a new slate; if this host had one before, its disk is not where it was",
        disk.name());
    return new SlateText.Content(incarnation, List.of(), null);
  }

  /** Lets go of the disk; the agent goes on without a slate and keeps quiet. */
  private static SlateFault given(SlateDisk disk, Exception cause) {
    try {
      disk.close();
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
    return new SlateFault(disk.name(), cause);
  }

  @Override
  public String incarnation() {
    return incarnation;
  }

  @Override
  public List<Fact> facts() {
    return facts;
  }

  @Override
  public void append(List<Fact> added) {
    if (broken) {
      throw new SlateFault(disk.name() + ": an earlier append failed");
    }
    broken = true; // a sync that failed once may claim success the second time and have lost data
    try {
      disk.append(text.write(added));
    } catch (IOException e) {
      throw new SlateFault("appending to " + disk.name(), e);
    }
    broken = false;
  }

  @Override
  public void close() {
    try {
      disk.close();
    } catch (IOException e) {
      throw new SlateFault("closing " + disk.name(), e);
    }
  }
}
