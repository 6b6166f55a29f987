-- What this till needs to work without the server: who may sign in, what is sold, and what the store held.
CREATE TABLE person (
    username TEXT PRIMARY KEY,       -- as it was typed, without case and accents
    password_hash TEXT NOT NULL,     -- argon2id, of this machine's own making
    known TEXT NOT NULL CHECK (json_valid(known))
) STRICT;

CREATE TABLE product (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    body TEXT NOT NULL CHECK (json_valid(body)),
    balance INTEGER                  -- thousandths; absent while it is not known
) STRICT;

-- The one store whose balances these are.
CREATE TABLE place (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    store BLOB NOT NULL CHECK (length(store) = 16)
) STRICT;
