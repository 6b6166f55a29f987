-- Form 4: how far this history is in the log of a group of servers, as the group wrote it; NULL where there is none.
ALTER TABLE history_state ADD COLUMN agreed BLOB;
