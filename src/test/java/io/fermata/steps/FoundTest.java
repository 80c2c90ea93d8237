package io.fermata.steps;

import org.junit.jupiter.api.Test;

/** Runs that did not settle when they were first played; each keeps one mistake out. */
class FoundTest {
  /** The first three steps of every run: two agents start, and the migration is submitted. */
  private static final int BIRTH = 2;

  @Test
  void aMigrationWhoseFirstWriteFailedAndIsOnDiskAllTheSameIsLookedAfter() {
    play(new Mark.Disturbed(BIRTH, Disturbance.FAILS_AFTER));
  }

  /** The row's owner is still the one that is gone: that does not make it somebody else's. */
  @Test
  void aTakeOverWhoseFirstWriteFailsIsRepeated() {
    play(
        new Mark.Disturbed(BIRTH, Disturbance.CRASHES_AFTER_SYNC),
        new Mark.Disturbed(BIRTH + 1, Disturbance.FAILS_BEFORE));
  }

  private static void play(Mark... marks) {
    Recipe recipe = Recipe.of(Story.IN_A_HURRY);
    for (Mark mark : marks) {
      recipe = recipe.with(mark);
    }
    Stage.play(recipe, new Rows());
  }
}
