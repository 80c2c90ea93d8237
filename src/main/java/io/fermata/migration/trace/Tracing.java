package io.fermata.migration.trace;

import io.fermata.handover.MigrationId;
import io.fermata.handover.Side;
import io.fermata.migration.Live;
import io.fermata.migration.Migration;
import io.fermata.migration.Note;
import io.fermata.migration.Onlooker;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Looks on at the loop and keeps what spans are made of. Phases are sent when they are over, but
 * not while that guest is dark; hops and the whole once the end is on disk. On the loop's thread,
 * which hands over what is to be done and goes on.
 */
final class Tracing implements Onlooker {
  private final Exporter exporter;
  private final Map<MigrationId, List<Supplier<Span>>> waiting = new HashMap<>();

  Tracing(Exporter exporter) {
    this.exporter = exporter;
  }

  @Override
  public void became(Migration before, Migration after, List<Note> notes) {
    for (Note note : notes) {
      if (note instanceof Note.Moved moved) {
        waiting
            .computeIfAbsent(after.id(), id -> new ArrayList<>())
            .add(() -> Attempt.phase(before, after, moved));
      }
    }
    List<Supplier<Span>> over = waiting.get(after.id());
    if (over != null && !after.phase().dark()) {
      waiting.remove(after.id());
      exporter.offer(over.size(), () -> over.stream().map(Supplier::get).toList());
    }
  }

  @Override
  public void kept(Migration durable, Sides sides) {
    if (durable.ended()) {
      Live.SideView source = sides.on(Side.SOURCE);
      Live.SideView destination = sides.on(Side.DESTINATION);
      int count = source.hops().size() + destination.hops().size() + 1;
      exporter.offer(
          count,
          () -> {
            List<Span> spans = new ArrayList<>(Attempt.hops(durable, Side.SOURCE, source));
            spans.addAll(Attempt.hops(durable, Side.DESTINATION, destination));
            spans.add(Attempt.whole(durable));
            return spans;
          });
    }
  }

  @Override
  public void lost(Migration last) {
    waiting.remove(last.id());
  }
}
