package io.fermata.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.fermata.handover.Epoch;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Everybody hears everything, whatever somebody does with it. */
class OnlookersTest {
  private static final Migration ONE = Orders.queued("m0000001", new Epoch(1, "o1"));

  private final List<String> heard = new ArrayList<>();

  private final class Listening implements Onlooker {
    @Override
    public void began(Migration submitted) {
      heard.add("began " + submitted.id());
    }

    @Override
    public void became(Migration before, Migration after, List<Note> notes) {
      heard.add("became " + after.id());
    }

    @Override
    public void kept(Migration durable, Sides sides) {
      heard.add("kept " + durable.id());
    }

    @Override
    public void gaveOut(Limits limits, Intake intake, Map<Limits.Scope, Integer> fullest) {
      heard.add("gave out " + limits.cluster());
    }

    @Override
    public void outrun(Migration last) {
      heard.add("outrun " + last.id());
    }

    @Override
    public void lost(Migration last) {
      heard.add("lost " + last.id());
    }
  }

  private static final class Throwing implements Onlooker {
    @Override
    public void began(Migration submitted) {
      throw new IllegalStateException("a mistake");
    }

    @Override
    public void lost(Migration last) {
      throw new IllegalStateException("another");
    }
  }

  private static void tellAll(Onlooker onlooker) {
    onlooker.began(ONE);
    onlooker.became(ONE, ONE, List.of());
    onlooker.kept(
        ONE,
        side -> {
          throw new AssertionError("nobody asked");
        });
    onlooker.gaveOut(Limits.ofCluster(7), Intake.OPEN, Map.of());
    onlooker.outrun(ONE);
    onlooker.lost(ONE);
  }

  @Test
  void whatOneOfThemThrowsIsKeptFromTheOthers() {
    tellAll(new Onlookers(List.of(new Throwing(), new Listening())));
    assertEquals(
        List.of(
            "began m0000001",
            "became m0000001",
            "kept m0000001",
            "gave out 7",
            "outrun m0000001",
            "lost m0000001"),
        heard);
  }

  /** Whoever does not tell the two apart has lost it either way. */
  @Test
  void whoIsOutrunHasLostItUnlessHeSaysOtherwise() {
    Onlooker plain =
        new Onlooker() {
          @Override
          public void lost(Migration last) {
            heard.add("lost " + last.id());
          }
        };
    plain.outrun(ONE);
    assertEquals(List.of("lost m0000001"), heard);
  }
}
