/**
 * Fermata moves a set of peer-to-peer-capable VFIO devices between hosts: the whole set stops
 * issuing DMA, then the whole set freezes, then it is copied, and it starts on the other side in
 * the mirror order.
 *
 * <p>{@link io.fermata.Fermata} starts one of two roles from one jar. This package only picks the
 * role; it knows the rooms below by name and uses none of their types.
 *
 * <h2>The rooms</h2>
 *
 * <dl>
 *   <dt>{@code device}
 *   <dd>the vocabulary of VFIO migration: states, single arcs, capabilities, hop plans; pure values
 *   <dt>{@code handover}
 *   <dd>the safety core: who may run a set, and the machines of source and destination; pure,
 *       without Spring, I/O, threads or a clock; {@code handover.message} has one record for each
 *       message
 *   <dt>{@code migration}
 *   <dd>the orchestrator's half: lifecycle, barrier, driver, admission
 *   <dt>{@code drain}
 *   <dd>evacuates a host: which of its machines moves next, and what stands in the way
 *   <dt>{@code journal}
 *   <dd>append-only records in SQLite or PostgreSQL, and which replica owns which migration
 *   <dt>{@code audit}
 *   <dd>who asked for what and what became of it, as a chain of records in the journal
 *   <dt>{@code webhook}
 *   <dd>the journal's entries, delivered as CloudEvents to those who subscribed
 *   <dt>{@code fleet}
 *   <dd>hosts, the client of their agents, whether an agent is alive
 *   <dt>{@code wire}
 *   <dd>what both sides share: control messages, data frames, version negotiation, TLS
 *   <dt>{@code metrics}
 *   <dd>counters, histograms and gauges for Prometheus; each room counts its own things with them
 *   <dt>{@code agent}
 *   <dd>one per host: the durable slate, the devices, the data plane, the guest's vCPUs
 *   <dt>{@code api}
 *   <dd>REST resources, text views, problem details, streams
 * </dl>
 *
 * <h2>Who may use whom</h2>
 *
 * <pre>
 *   api ──▶ drain ──▶ migration, fleet, journal
 *    ├────▶ migration ──▶ journal ◀── audit, webhook ◀── api
 *    │          │ │
 *    └──▶ fleet ◀─┘ └──▶ handover ──▶ device
 *           │               ▲
 *           └──▶ wire ──▶ handover.message
 *                 ▲
 *               agent ──▶ handover
 * </pre>
 *
 * <p>An arrow that is missing here is forbidden, and a test keeps it so. {@code metrics} uses no
 * other room and may be used by all but {@code device} and {@code handover}. Values of {@code
 * device} and {@code handover} may be read by every room above them. Nothing uses {@code api};
 * {@code migration} and {@code agent} never see each other; {@code device} and {@code handover}
 * import nothing but the JDK and JSpecify.
 *
 * <h2>Where to start reading</h2>
 *
 * <p>Read {@code device} for the words, {@code handover} for the reason that no set ever runs
 * twice, {@code migration} for the order of events, then whichever edge you came for.
 */
@NullMarked
package io.fermata;

import org.jspecify.annotations.NullMarked;
