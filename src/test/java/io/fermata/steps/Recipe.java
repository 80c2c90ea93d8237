package io.fermata.steps;

import java.util.ArrayList;
import java.util.List;

/** All that a run is made of: played again, it is the same run. */
record Recipe(Story story, List<Mark> marks) {
  Recipe {
    marks = List.copyOf(marks);
  }

  static Recipe of(Story story) {
    return new Recipe(story, List.of());
  }

  Recipe with(Mark mark) {
    List<Mark> more = new ArrayList<>(marks);
    more.add(mark);
    return new Recipe(story, more);
  }
}
