-- 职位: what a member of staff is called; a removed one stays for the accounts of the past.
CREATE TABLE positions (
    id      VARCHAR PRIMARY KEY,
    name    VARCHAR NOT NULL,
    note    VARCHAR NOT NULL,
    active  BOOLEAN NOT NULL
);
ALTER TABLE accounts ADD COLUMN position_id VARCHAR;
