package io.fermata.fleet;

import io.fermata.device.DeviceName;
import io.fermata.handover.message.Answer;
import io.fermata.handover.message.Remembered;
import io.fermata.handover.message.Request;
import io.fermata.wire.AgentStatus;
import io.fermata.wire.DeviceReset;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Carries one request to one agent. A refusal is an answer. Where there is no answer the future
 * fails with {@link AgentUnreachable}, and what was asked may be done, may still be done later, or
 * may not; only the next answer tells.
 */
public interface AgentClient {
  /**
   * Asks once; nothing is repeated here.
   *
   * @param agent the agent's control address, such as {@code http://host-a:8090}
   * @param timeout longer than the time that the request itself may wait
   */
  CompletableFuture<Answer> ask(URI agent, Request request, Duration timeout);

  /** Has one device reset, on an operator's word. That the agent objects is an answer. */
  CompletableFuture<DeviceReset.Done> reset(
      URI agent, DeviceName device, DeviceReset wish, Duration timeout);

  /**
   * Every claim that the agent remembers, open or closed; an agent that cannot read its slate gives
   * no answer.
   */
  CompletableFuture<List<Remembered>> memory(URI agent, Duration timeout);

  /** How the agent and its host stand. */
  CompletableFuture<AgentStatus> status(URI agent, Duration timeout);
}
