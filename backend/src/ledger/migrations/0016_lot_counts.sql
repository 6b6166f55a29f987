-- What was found of each lot of a product that was counted lot by lot; what is left of its line has no lot. Lots of which
-- nothing was found are here too.
CREATE TABLE count_lot (
    line     INTEGER NOT NULL REFERENCES count_line,
    lot      INTEGER NOT NULL REFERENCES lot,
    counted  INTEGER NOT NULL CHECK (counted >= 0),
    -- What the books had of it at that moment.
    expected INTEGER NOT NULL,
    PRIMARY KEY (line, lot)
) STRICT, WITHOUT ROWID;
