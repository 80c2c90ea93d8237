-- Whatever collation the database was made with: ids and names sort by their bytes, as in SQLite.
alter table entry alter column type type text collate "C";
alter table migration alter column id type text collate "C";
alter table host alter column name type text collate "C";
