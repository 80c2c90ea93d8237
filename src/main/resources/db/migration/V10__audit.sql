-- Who did what: append-only, each record with the hash of the one before it in its chain. Writers take
-- turns at it.
create table audit (
  chain text not null,
  number bigint not null,
  time_millis bigint not null,
  actor text not null,
  action text not null,
  subject text not null,
  decision text not null,
  data text not null,
  previous text not null,
  hash text not null,
  primary key (chain, number)
);
create index audit_newest on audit (time_millis, chain, number);

-- Small things that are replaced as a whole, under a version check: subscriptions and their letters.
create table document (
  kind text not null,
  id text not null,
  version bigint not null,
  data text not null,
  primary key (kind, id)
);
