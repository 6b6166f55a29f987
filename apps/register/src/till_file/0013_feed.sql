-- The change of the server up to which the goods here are known, and by which the server is known again; absent where
-- nothing but loading all of it anew tells them.
ALTER TABLE place ADD COLUMN seq INTEGER;
ALTER TABLE place ADD COLUMN command BLOB CHECK (length(command) = 16);
-- How far the server's changes went when it was last heard.
ALTER TABLE place ADD COLUMN reached INTEGER;
-- The last change that is in the balance, where it was told with changes behind the place.
ALTER TABLE product ADD COLUMN until INTEGER NOT NULL DEFAULT 0;
