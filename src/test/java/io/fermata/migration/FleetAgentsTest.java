package io.fermata.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.fermata.fleet.AgentClient;
import io.fermata.fleet.HostView;
import io.fermata.fleet.HostView.AgentState;
import io.fermata.handover.Epoch;
import io.fermata.handover.HostName;
import io.fermata.handover.message.Header;
import io.fermata.handover.message.Request;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

/** Every question ends in one word, and a fault says what it was. */
class FleetAgentsTest implements Given.Hosts {
  private static final HostName A = new HostName("host-a");
  private static final HostName NOBODY = new HostName("host-z");
  private static final Request QUESTION =
      new Request.Close(new Header(Orders.ID, Epoch.NONE, 0, 0));

  private final List<Object> asked = new ArrayList<>();
  private CompletableFuture<?> answer = new CompletableFuture<>();
  private final AgentClient client =
      (AgentClient)
          Proxy.newProxyInstance(
              AgentClient.class.getClassLoader(),
              new Class<?>[] {AgentClient.class},
              (proxy, method, arguments) -> {
                asked.add(method.getName() + " " + arguments[0]);
                asked.add(arguments[arguments.length - 1]);
                return answer;
              });

  private Agents.Word word(HostName host) {
    List<Agents.Word> words = new ArrayList<>();
    new FleetAgents(this, client).ask(host, QUESTION, 700, words::add);
    assertEquals(1, words.size());
    return words.getFirst();
  }

  private Memories.Word memory(HostName host) {
    List<Memories.Word> words = new ArrayList<>();
    new FleetMemories(this, client).ask(host, 700, words::add);
    assertEquals(1, words.size());
    return words.getFirst();
  }

  @Test
  void aHostThatLeftTheInventoryIsSilentAndNobodyIsAsked() {
    String why = "host-z is not in the inventory";
    assertEquals(new Agents.Word.Silent(why), word(NOBODY));
    assertEquals(new Memories.Word.Silent(why), memory(NOBODY));
    assertEquals(List.of(), asked);
  }

  @Test
  void whatAnAgentAnswersIsHandedOn() {
    answer = CompletableFuture.completedFuture(null);
    assertInstanceOf(Agents.Word.Answered.class, word(A));
    assertEquals(List.of("ask http://host-a", Duration.ofMillis(700)), asked);
    asked.clear();
    answer = CompletableFuture.completedFuture(List.of());
    assertEquals(new Memories.Word.Told(List.of()), memory(A));
    assertEquals(List.of("memory http://host-a", Duration.ofMillis(700)), asked);
  }

  @Test
  void aFaultIsSilenceWithItsReason() {
    var wrapped = new CompletionException("outer", new IllegalStateException("refused"));
    answer = CompletableFuture.failedFuture(wrapped);
    assertEquals(new Agents.Word.Silent("refused"), word(A));
    assertEquals(new Memories.Word.Silent("refused"), memory(A));
    answer = CompletableFuture.failedFuture(new IllegalStateException("bare"));
    assertEquals(new Agents.Word.Silent("bare"), word(A));
  }

  @Override
  public List<HostView> hosts() {
    return List.of(Given.host(A, AgentState.READY));
  }
}
