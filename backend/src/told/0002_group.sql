-- In a group of servers what became of a message is noted in the journal, so that whoever coordinates next knows it.

-- Done here, and the journal does not have it yet.
ALTER TABLE message ADD COLUMN to_note INTEGER NOT NULL DEFAULT 0 CHECK (to_note IN (0, 1));
CREATE INDEX message_to_note ON message (id) WHERE to_note = 1;
-- Where the journal ended when this server came into the group: of what was opened until then nobody noted who was told.
ALTER TABLE place ADD COLUMN since INTEGER CHECK (since >= 0);
