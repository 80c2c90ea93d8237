-- Who shares this journal. A lease is told by the database's clock and by no other.

create table replica (
  id text not null primary key,
  url text not null,
  token text not null,
  started_millis bigint not null,
  until_millis bigint not null
);
