package io.fermata.agent;

/** The world of a real agent. */
record AgentWorld(
    AgentPorts.Clock clock,
    AgentPorts.Devices devices,
    AgentPorts.Streams streams,
    AgentPorts.Guests guests,
    AgentPorts.Peers peers,
    AgentPorts.Replies replies)
    implements AgentPorts {}
