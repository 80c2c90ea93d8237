-- A page of the list must not walk over everything that ever ended to find what is rare in it: the few
-- that failed, those of one host, those in a phase where few are.
create index migration_of_source on migration (source, created_millis, id);
create index migration_of_destination on migration (destination, created_millis, id);
create index migration_of_outcome on migration (outcome, created_millis, id);
create index migration_of_phase on migration (phase, created_millis, id);
