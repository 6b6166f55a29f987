-- Form 2: a history can be copied into the database. True while not all of it is there.
ALTER TABLE history_state ADD COLUMN unfinished boolean NOT NULL DEFAULT false;
