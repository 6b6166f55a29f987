-- Whose debt a return of goods bought on account makes smaller; absent for anything else, and in what an older version
-- wrote.
ALTER TABLE parcel ADD COLUMN debtor TEXT CHECK (json_valid(debtor));
