package io.fermata.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The page that says which fault is injected where keeps in step with the faults that there are.
 */
class FaultModelTest {
  @Test
  void everyFaultStandsInTheTable() throws IOException {
    String page = Files.readString(Path.of("src/docs/fault-model.md"));
    List<Fault> missing =
        Arrays.stream(Fault.values())
            .filter(fault -> !page.matches("(?s).*\\b" + fault + "\\b.*"))
            .toList();
    assertEquals(List.of(), missing);
  }
}
