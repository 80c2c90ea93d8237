package io.fermata.migration;

import io.fermata.handover.Side;
import io.fermata.handover.Testimony;

/**
 * What an operator decided about a migration that lacked evidence.
 *
 * @param keep the side that the set runs on from here on
 * @param word on what he rests it; the agents that act on it keep it on their disks
 */
public record Resolution(Side keep, Testimony word) {}
