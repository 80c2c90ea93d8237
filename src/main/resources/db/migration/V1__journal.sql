-- One dialect for SQLite and PostgreSQL: text and bigint, keys made by the application, times in
-- epoch milliseconds. In PostgreSQL the database must have the collation C, so that ranges of ids
-- mean the same as here.

create table entry (
  seq bigint not null primary key,
  time_millis bigint not null,
  type text not null,
  subject text not null,
  actor text not null,
  data text not null
);
create index entry_of_subject on entry (subject, seq);

create table migration (
  id text not null primary key,
  vm text not null,
  source text not null,
  destination text not null,
  phase text not null,
  outcome text,
  owner text not null,
  epoch bigint not null,
  version bigint not null,
  created_millis bigint not null,
  updated_millis bigint not null,
  data text not null
);
create index migration_newest on migration (created_millis, id);
create index migration_of_vm on migration (vm, created_millis, id);
create index migration_open on migration (created_millis, id) where outcome is null;

create table idempotency (
  request_key text not null primary key,
  request_hash text not null,
  answer text not null,
  created_millis bigint not null
);
create index idempotency_oldest on idempotency (created_millis);

create table host (
  name text not null primary key,
  data text not null,
  version bigint not null
);
