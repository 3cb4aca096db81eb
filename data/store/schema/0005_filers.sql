-- Several people may file for one enterprise; the principal manages them. Whoever signs in as 法人 always may.
ALTER TABLE accounts ADD COLUMN principal BOOLEAN DEFAULT FALSE;
