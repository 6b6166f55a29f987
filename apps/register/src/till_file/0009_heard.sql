-- When the server last told what the store holds; absent where an older version wrote the balances.
ALTER TABLE place ADD COLUMN heard_at INTEGER;
