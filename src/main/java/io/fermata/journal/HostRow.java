package io.fermata.journal;

/**
 * A host of the inventory.
 *
 * @param data JSON text made by the room that owns the inventory
 * @param version 1 for the inserted row, one more with each replacement
 */
public record HostRow(String name, String data, long version) {}
