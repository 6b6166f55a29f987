-- A PIN opens the same door as the password, for people who work in stores. Absent: none was set.
ALTER TABLE person ADD COLUMN pin_hash TEXT;
