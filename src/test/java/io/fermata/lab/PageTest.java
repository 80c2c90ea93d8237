package io.fermata.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.lab.Page.Block;
import io.fermata.lab.Page.Where;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Nothing that a page tells its reader to run can be left out of the test that follows it. */
class PageTest {
  @Test
  void blocksComeInTheirOrderWithWhereTheyAreRun() {
    List<String> page =
        List.of("```sh host|a|b|```|words|```yaml|c|```|```sh source|```".split("\\|"));
    assertEquals(
        List.of(new Block(Where.HOST, 1, "a\nb\n"), new Block(Where.SOURCE, 9, "\n")),
        Page.blocks(page));
  }

  @Test
  void whatNobodyWouldRunIsRefused() {
    for (List<String> page :
        List.of(
            List.of("```sh", "rm x", "```"),
            List.of("```sh nowhere", "rm x", "```"),
            List.of("```python", "x()", "```"),
            List.of("    rm x"),
            List.of("```sh host", "rm x"))) {
      assertThrows(AssertionError.class, () -> Page.blocks(page), page::toString);
    }
  }

  @Test
  void thePageOfHypervisorsIsWhole() {
    Page page = Page.of(OnAHypervisorIT.PAGE);
    assertTrue(page.blocks().size() > 10, page::toString);
    var places = page.blocks().stream().map(Block::where).toList();
    assertEquals(EnumSet.allOf(Where.class), EnumSet.copyOf(places));
  }
}
