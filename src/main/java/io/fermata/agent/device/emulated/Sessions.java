package io.fermata.agent.device.emulated;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The one session that a device has at a time, as the arcs open and end it. */
final class Sessions {
  private final Supplier<SaveSession> newSave;
  private final Supplier<LoadSession> newLoad;
  private volatile @Nullable SaveSession save;
  private volatile @Nullable LoadSession load;

  Sessions(Supplier<SaveSession> newSave, Supplier<LoadSession> newLoad) {
    this.newSave = newSave;
    this.newLoad = newLoad;
  }

  /** What a hop does to the session. */
  void apply(SessionEffect effect) {
    switch (effect) {
      case OPENS_SAVE -> save = newSave.get();
      case OPENS_LAST_SAVE -> {
        SaveSession opened = newSave.get();
        opened.finish();
        save = opened;
      }
      case FINISHES_SAVE -> finish();
      case OPENS_LOAD -> load = newLoad.get();
      case ENDS -> end();
      case NONE -> {}
    }
  }

  private void finish() {
    SaveSession current = save;
    if (current != null) {
      current.finish();
    }
  }

  /** Whatever is open is over. */
  void end() {
    SaveSession saving = save;
    LoadSession loading = load;
    if (saving != null) {
      saving.end();
    }
    if (loading != null) {
      loading.end();
    }
  }

  /** The open saving session, or null. */
  @Nullable SaveSession save() {
    SaveSession current = save;
    return current == null || current.isOver() ? null : current;
  }

  /** The open loading session, or null. */
  @Nullable LoadSession load() {
    LoadSession current = load;
    return current == null || current.isOver() ? null : current;
  }
}
