package io.fermata.migration;

import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Several who look on, as one. What one of them does wrong is logged and kept from the others. */
public final class Onlookers implements Onlooker {
  private static final System.Logger LOG = System.getLogger(Onlookers.class.getName());

  private final List<Onlooker> all;

  public Onlookers(List<? extends Onlooker> all) {
    this.all = List.copyOf(all);
  }

  private void each(Consumer<Onlooker> tell) {
    for (Onlooker onlooker : all) {
      try {
        tell.accept(onlooker);
      } catch (RuntimeException e) {
        // The edge of another room: what is thrown on the loop's thread would end the process.
        LOG.log(System.Logger.Level.ERROR, "an onlooker failed", e);
      }
    }
  }

  @Override
  public void began(Migration submitted) {
    each(onlooker -> onlooker.began(submitted));
  }

  @Override
  public void became(Migration before, Migration after, List<Note> notes) {
    each(onlooker -> onlooker.became(before, after, notes));
  }

  @Override
  public void kept(Migration durable, Sides sides) {
    each(onlooker -> onlooker.kept(durable, sides));
  }

  @Override
  public void gaveOut(Limits limits, Intake intake, Map<Limits.Scope, Integer> fullest) {
    each(onlooker -> onlooker.gaveOut(limits, intake, fullest));
  }

  @Override
  public void outrun(Migration last) {
    each(onlooker -> onlooker.outrun(last));
  }

  @Override
  public void lost(Migration last) {
    each(onlooker -> onlooker.lost(last));
  }
}
